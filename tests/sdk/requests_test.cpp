#include "ferry/requests.hpp"

#include <gtest/gtest.h>

namespace ferry {
namespace {

template <class Request>
std::string error_of(std::string_view text) {
  try {
    Request::parse(text);
  } catch (const Error& error) {
    return std::to_string(error.status()) + " " + error.message();
  }
  return "";
}

TEST(Requests, ReadAConfiguration) {
  const Config config =
      Config::parse(R"({"connection":"dev","url":"http://x","stage":"test","settings":{"api":"/v2"},"later":1})");
  EXPECT_EQ(config.connection, "dev");
  EXPECT_EQ(config.url, "http://x");
  EXPECT_EQ(config.stage, "test");
  EXPECT_EQ(config.settings.text_or("api", ""), "/v2");
  EXPECT_TRUE(Config::parse(R"({"stage":null})").settings.is_object());
  EXPECT_EQ(error_of<Config>("[]"), "3 reading the configuration: expected an object, found a list");
  EXPECT_EQ(error_of<Config>("{"), "3 reading the configuration: line 1, column 2: expected the name of a member");
  EXPECT_EQ(error_of<Config>(R"({"url":1})"), "3 reading the configuration: expected a text, found a number");
}

TEST(Requests, ReadAnExport) {
  const ExportRequest all = ExportRequest::parse("{}");
  EXPECT_TRUE(all.select.empty());
  EXPECT_TRUE(all.dependencies);
  const ExportRequest some = ExportRequest::parse(
      R"({"select":[{"type":"flow","key":"a"},{"key":"b"}],"dependencies":false,"options":{"x":1}})");
  ASSERT_EQ(some.select.size(), 2u);
  EXPECT_EQ(some.select[0].type, "flow");
  EXPECT_EQ(some.select[1].type, "");
  EXPECT_EQ(some.select[1].key, "b");
  EXPECT_FALSE(some.dependencies);
  EXPECT_EQ(some.options["x"].as_int(), 1);
  EXPECT_EQ(error_of<ExportRequest>(R"({"select":{}})"),
            "3 reading the export request: expected a list, found an object");
  EXPECT_EQ(error_of<ExportRequest>(R"({"select":[{"type":"flow"}]})"),
            "3 reading the export request: the member \"key\" is missing");
}

TEST(Requests, ReadAnImport) {
  const ImportRequest plain = ImportRequest::parse("{}");
  EXPECT_FALSE(plain.preview);
  EXPECT_FALSE(plain.prune);
  EXPECT_EQ(plain.policy, Policy::abort);
  const ImportRequest request = ImportRequest::parse(
      R"({"preview":true,"policy":"add_version","prune":true,"mapping":[{"type":"flow","source":"a","target":"b"}],)"
      R"("idempotency_key":"k"})");
  EXPECT_TRUE(request.preview);
  EXPECT_TRUE(request.prune);
  EXPECT_EQ(request.policy, Policy::add_version);
  ASSERT_EQ(request.mapping.size(), 1u);
  EXPECT_EQ(request.mapping[0].target, "b");
  EXPECT_EQ(request.idempotency_key, "k");
  EXPECT_EQ(ImportRequest::parse(R"({"policy":"skip"})").policy, Policy::skip);
  EXPECT_EQ(ImportRequest::parse(R"({"policy":"replace"})").policy, Policy::replace);
}

// A misread preview would write, a misread policy would overwrite.
TEST(Requests, GuessNothingOfAnImport) {
  EXPECT_EQ(error_of<ImportRequest>(R"({"preview":"true"})"),
            "3 reading the import request: expected a boolean, found a text");
  EXPECT_EQ(error_of<ImportRequest>(R"({"prune":1})"),
            "3 reading the import request: expected a boolean, found a number");
  EXPECT_EQ(error_of<ImportRequest>(R"({"policy":"overwrite"})"), "2 import policy \"overwrite\" is unknown");
  EXPECT_EQ(error_of<ImportRequest>(R"({"policy":null})"), "3 reading the import request: expected a text, found null");
  EXPECT_EQ(error_of<ImportRequest>(R"({"mapping":[{"type":"flow","source":"a"}]})"),
            "3 reading the import request: the member \"target\" is missing");
}

TEST(Requests, ReadStreams) {
  const ReadRequest request = ReadRequest::parse(
      R"({"streams":[{"stream":"a"},{"stream":"b","mode":"incremental","checkpoint":{"c":1}},{"stream":"c","mode":"from","from":"2024-01-01"}]})");
  ASSERT_EQ(request.streams.size(), 3u);
  EXPECT_EQ(request.streams[0].mode, "full");
  EXPECT_TRUE(request.streams[0].checkpoint.is_null());
  EXPECT_EQ(request.streams[1].checkpoint.dump(), R"({"c":1})");
  EXPECT_EQ(request.streams[2].from, "2024-01-01");
  EXPECT_EQ(error_of<ReadRequest>(R"({"streams":[{}]})"),
            "3 reading the read request: the member \"stream\" is missing");
}

}  // namespace
}  // namespace ferry
