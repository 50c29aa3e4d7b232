#include "host/http/recorded_exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::host {
namespace {

using ::testing::HasSubstr;

RecordedExchange sample() {
  RecordedExchange exchange;
  exchange.method = "POST";
  exchange.url = "/flows?a=1";
  exchange.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  exchange.body.text = "{\n  \"a\": 1\n}\n";
  exchange.status = 201;
  exchange.answer_headers = {{"Content-Type", "text/plain"}};
  exchange.answer.text = "done";
  return exchange;
}

std::string again(const RecordedExchange& exchange) {
  return RecordedExchange::parse(exchange.text(), "0001.http").text();
}

TEST(RecordedExchangeTest, ReadsWhatItWrote) {
  const RecordedExchange read = RecordedExchange::parse(sample().text(), "0001.http");
  EXPECT_EQ(read.method, "POST");
  EXPECT_EQ(read.url, "/flows?a=1");
  EXPECT_EQ(read.headers, sample().headers);
  EXPECT_EQ(read.body.text, sample().body.text);
  EXPECT_EQ(read.status, 201);
  EXPECT_EQ(read.answer.text, "done");
}

TEST(RecordedExchangeTest, KeepsBodiesByteForByte) {
  for (const char* body : {"", "\n", "a\n", "\na", "a\r\nb", "\n\n", "no end", "==== not a mark"}) {
    RecordedExchange exchange = sample();
    exchange.body.text = exchange.answer.text = body;
    const RecordedExchange read = RecordedExchange::parse(exchange.text(), "0001.http");
    EXPECT_EQ(read.body.text, body);
    EXPECT_EQ(read.answer.text, body);
  }
}

TEST(RecordedExchangeTest, KeepsPartsFilesAndFailures) {
  RecordedExchange exchange = sample();
  exchange.body = {};
  exchange.parts = {{"request", "", "application/json", {"{}", ""}},
                    {"file", "p.zip", "application/zip", {"", "0001-part-2.zip"}}};
  exchange.failure.emplace(Fault::platform, "timeout", "no answer came\nfor a while");
  EXPECT_EQ(again(exchange), exchange.text());
  const RecordedExchange read = RecordedExchange::parse(exchange.text(), "0001.http");
  ASSERT_EQ(read.parts.size(), 2u);
  EXPECT_EQ(read.parts[1].body.file, "0001-part-2.zip");
  ASSERT_TRUE(read.failure);
  EXPECT_EQ(read.failure->code(), "timeout");
  EXPECT_EQ(read.failure->message(), "no answer came\nfor a while");
}

TEST(RecordedExchangeTest, SaysWhereAFileIsWrong) {
  const auto message = [](const std::string& text) {
    try {
      RecordedExchange::parse(text, "x/0001.http");
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "bad_recording");
      return failure.message();
    }
    return std::string("no failure");
  };
  EXPECT_THAT(message("GET /\n"), HasSubstr("0001.http:1: expected a line that begins with"));
  EXPECT_THAT(message("=== request\nGET /\n"), HasSubstr("there is no answer"));
  EXPECT_THAT(message("=== request\nGET /\n=== answer\nOK\n"), HasSubstr("0001.http:4: expected a status"));
  EXPECT_THAT(message("=== request, body in ../secret\nGET /\n=== answer\n200\n"), HasSubstr("must stand beside"));
  EXPECT_THAT(message("=== request\nGET /\n=== answer\n200\n=== answer\n200\n"), HasSubstr("nothing may follow"));
}

TEST(RecordedExchangeTest, OnlyReadableBodiesStandInline) {
  EXPECT_TRUE(fits_inline("text\n"));
  EXPECT_FALSE(fits_inline(std::string_view("\0", 1)));
  EXPECT_FALSE(fits_inline("\xff"));
  EXPECT_FALSE(fits_inline("a\n=== answer\n"));
  EXPECT_FALSE(fits_inline(std::string(70'000, 'x')));
}

}  // namespace
}  // namespace ferry::host
