#include "host/runs/worker_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ferry/requests.hpp"
#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

TEST(WorkerRequest, AReadSaysOfEachStreamWhatIsKnown) {
  RunRequest request;
  request.operation = "read";
  request.options = R"({"platform_sync":"trigger"})";
  EXPECT_EQ(request_json(request, ""), R"({"streams":[],"options":{"platform_sync":"trigger"}})");
  request.streams = {{"A \"B\"", "full", "", "", 0}, {"C", "from", "2023-01-01", "", 600'000}};
  EXPECT_EQ(request_json(request, ""), R"({"streams":[{"stream":"A \"B\"","mode":"full"},)"
                                       R"({"stream":"C","mode":"from","from":"2023-01-01","overlap_ms":600000}],)"
                                       R"("options":{"platform_sync":"trigger"}})");
}

TEST(WorkerRequest, ACheckpointReachesTheConnectorAsItWas) {
  RunRequest request;
  request.operation = "read";
  const std::string long_numbers =
      R"({"a":12345678901234567890123,"b":0.1000000000000000055,"c":1.10,"d":1e400,"e":-0,"f":18446744073709551615})";
  const std::string any_text = "{ \"z\" : \"\\u00e9\\/ \xC3\xA9\",\n\"a\":[null,{}], \"a\":2 }";
  request.streams = {{"A", "incremental", "", long_numbers, 0}, {"B", "full", "", any_text, 0}};
  const std::string json = request_json(request, "");
  EXPECT_THAT(json, testing::HasSubstr(R"("mode":"incremental","checkpoint":)" + long_numbers + "}"));
  EXPECT_THAT(json, testing::HasSubstr(R"("mode":"full","checkpoint":)" + any_text + "}"));
  EXPECT_EQ(ReadRequest::parse(json).streams.at(0).checkpoint.dump(), long_numbers);
}

TEST(WorkerRequest, ACheckpointThatIsNoneIsToldAsOne) {
  RunRequest request;
  request.operation = "read";
  for (const char* text : {"page 7", "[7]", "{\"a\":1}}", "{\"a\":1},\"mode\":\"full\""}) {
    request.streams = {{"INVOICES", "incremental", "", text, 0}};
    try {
      request_json(request, "");
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "bad_checkpoint");
      EXPECT_THAT(failure.what(), testing::HasSubstr("ferry sync state reset"));
    }
  }
}

}  // namespace
}  // namespace ferry::host
