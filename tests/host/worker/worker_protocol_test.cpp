#include "host/worker/worker_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/failure_of.hpp"

namespace ferry::host {
namespace {

using ferry::test::failure_of;

TEST(WorkerProtocol, WhatIsStartedArrivesMemberByMember) {
  WorkerStart start;
  start.operation = "import";
  start.run_id = "20261121-201530-7f3a12";
  start.deadline_unix_ms = 1'795'000'000'123;
  start.connector_id = "org.example.acme";
  start.connector_version = "1.2.3";
  start.library = "/opt/ä b\"c\\d.so";
  start.library_sha256 = "abc";
  start.operations = {"check", "import"};
  start.config_json = R"({"settings":{"n":184518522168426724.10}})";
  start.request_json = "{\"a\":\"\\u0000\"}";
  start.secrets = {{"token", std::string("line one\nline \0 two", 18)}, {"other", "ü€😀"}};
  start.granted_secrets = {"token", "other", "unset"};
  start.package = {"ff00", 1ull << 40, R"({"connector":"x"})"};
  start.memory_mb = 700;
  start.log_level = 3;
  start.directory = "/tmp/x";
  HttpSettings http;
  http.base_url = "https://a.example";
  http.allowed_hosts = {"b.example", "*.c.example"};
  http.verify_tls = false;
  http.ca_file = "/ca.pem";
  http.http_proxy = "http://p";
  http.https_proxy = "http://q";
  http.no_proxy = "localhost";
  http.connect_timeout = std::chrono::milliseconds(1);
  http.idle_timeout = std::chrono::milliseconds(2);
  http.max_attempts = 7;
  start.http = http;

  const WorkerStart same = WorkerStart::from_json(start.to_json());
  EXPECT_EQ(same.to_json(), start.to_json());
  EXPECT_EQ(same.deadline_unix_ms, start.deadline_unix_ms);
  EXPECT_EQ(same.library, start.library);
  EXPECT_EQ(same.operations, start.operations);
  EXPECT_EQ(same.config_json, start.config_json);
  EXPECT_EQ(same.request_json, start.request_json);
  EXPECT_EQ(same.secrets, start.secrets);
  EXPECT_EQ(same.granted_secrets, start.granted_secrets);
  EXPECT_EQ(same.package.size, start.package.size);
  EXPECT_EQ(same.package.description_json, start.package.description_json);
  EXPECT_EQ(same.memory_mb, 700u);
  ASSERT_TRUE(same.http);
  EXPECT_EQ(same.http->allowed_hosts, http.allowed_hosts);
  EXPECT_FALSE(same.http->verify_tls);
  EXPECT_EQ(same.http->idle_timeout, http.idle_timeout);
  EXPECT_EQ(same.http->max_attempts, 7);

  start.http.reset();
  EXPECT_FALSE(WorkerStart::from_json(start.to_json()).http) << "what is not granted does not appear on the way";
}

TEST(WorkerProtocol, TheEndArrivesMemberByMember) {
  const WorkerDone done{FERRY_AUTH, Fault::credentials, "auth",
                        "renew it", "{\"http\":401}",   PackageFacts{"aa", 5, "{\"complete\":true}"}};
  const WorkerDone same = WorkerDone::from_json(done.to_json());
  EXPECT_EQ(same.status, FERRY_AUTH);
  EXPECT_EQ(same.fault, Fault::credentials);
  EXPECT_EQ(same.code, "auth");
  EXPECT_EQ(same.message, "renew it");
  EXPECT_EQ(same.detail_json, "{\"http\":401}");
  ASSERT_TRUE(same.package);
  EXPECT_EQ(same.package->description_json, "{\"complete\":true}");
  EXPECT_FALSE(WorkerDone::from_json(WorkerDone().to_json()).package);
}

TEST(WorkerProtocol, ProgressArrivesMemberByMember) {
  const WorkerProgress progress{"run", "download", 1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(WorkerProgress::from_json(progress.to_json()), progress);
}

TEST(WorkerProtocol, WhatIsNoObjectIsNoFrameOfAWorker) {
  for (const char* text : {"", "null", "[]", "{", "{}x"}) {
    EXPECT_THAT(failure_of([&] { WorkerDone::from_json(text); }), testing::StartsWith("connector bad_frame")) << text;
    EXPECT_THAT(failure_of([&] { WorkerProgress::from_json(text); }), testing::StartsWith("connector bad_frame"));
    EXPECT_THAT(failure_of([&] { check_hello(text); }), testing::StartsWith("connector bad_frame"));
  }
  EXPECT_EQ(WorkerDone::from_json("{}").status, FERRY_INTERNAL) << "an end that says nothing is no good end";
}

TEST(WorkerProtocol, OnlyTheSameProtocolIsSpoken) {
  EXPECT_EQ(failure_of([] { check_hello(hello_json()); }), "");
  EXPECT_EQ(failure_of([] { check_hello(R"({"protocol":2,"version":"9.0.0"})"); }),
            "machine protocol: the worker speaks protocol 2, this ferry 1: was ferry updated while it ran? Start it "
            "again");
}

}  // namespace
}  // namespace ferry::host
