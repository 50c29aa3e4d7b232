// The server's own part, shared by the platforms: framing, forms, faults of the wire, the log and the kept state.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

namespace {

// Answers what it was sent, and counts.
class Echo : public Environment {
 public:
  Answer answer(const Request& request) override {
    if (request.path == "/form") {
      json::Array parts = json::array();
      for (const FormPart& part : read_form(request, 64u << 20)) {
        parts->add(json::object({{"name", part.name},
                                 {"file", part.file_name},
                                 {"type", part.content_type},
                                 {"size", part.content->size()},
                                 {"start", part.content->substr(0, 20)}}));
      }
      return json_answer(json::object({{"parts", parts}}));
    }
    if (request.path == "/ignores") return text_answer("ignored");
    if (request.path == "/pieces") {
      Answer answer;
      answer.pieces = {"one ", "", "two ", "three"};
      return answer;
    }
    const std::string body = request.text();
    ++count_;
    json::Object echo = json::object({{"path", request.path}, {"body", body}});
    for (const auto& [name, value] : request.query) echo->set(name, value);
    return json_answer(echo);
  }
  std::string state() const override { return std::to_string(count_); }
  void restore(std::string_view state) override { count_ = std::stoi(std::string(state)); }
  std::map<std::string, std::int64_t> counters() const override { return {{"answers", count_}}; }

 private:
  int count_ = 0;
};

std::unique_ptr<Environment> make_echo(const Settings&) { return std::make_unique<Echo>(); }

Faults fault(const std::string& text) { return faults_of(json::parse_object(text)); }

class CoreTest : public testing::Test {
 protected:
  Playing echo{make_echo, {}};
};

TEST_F(CoreTest, PathsAndQueriesArriveDecoded) {
  const RawAnswer answer = echo.get("/a%20b/c?x=1%2F2&y");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.body, R"({"path":"/a b/c","body":"","x":"1/2","y":""})");
}

TEST_F(CoreTest, SeveralRequestsShareAConnectionAlsoWhereABodyWasNotRead) {
  const std::string bytes = raw_exchange(
      echo.port(),
      "POST /ignores HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
      "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;e=1\r\ndefg\r\n0\r\nT: t\r\n\r\n"
      "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(bytes.find("ignored"), std::string::npos);
  EXPECT_NE(bytes.find(R"({"path":"/x","body":"abcdefg"})"), std::string::npos);
  EXPECT_NE(bytes.find(R"({"path":"/last","body":""})"), std::string::npos);
}

TEST_F(CoreTest, AClientThatAwaitsContinueIsAnswered) {
  const std::string bytes = raw_exchange(echo.port(),
                                         "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                                         "Connection: close\r\n\r\nhi");
  EXPECT_EQ(bytes.find("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), 0u);
}

TEST_F(CoreTest, PiecesComeOneAfterTheOther) { EXPECT_EQ(echo.get("/pieces").body, "one two three"); }

TEST_F(CoreTest, AHeadHasTheLengthButNoBody) {
  const std::string bytes = raw_exchange(echo.port(), "HEAD /pieces HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(bytes.find("Content-Length: 13\r\n"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST_F(CoreTest, WhatIsNoHttpIsRefused) {
  EXPECT_EQ(parse_answer(raw_exchange(echo.port(), "nonsense\r\n\r\n")).status, 400);
  EXPECT_EQ(parse_answer(raw_exchange(echo.port(), "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n")).status, 400);
}

TEST_F(CoreTest, AFormIsReadInAnyOrderAcrossBlocks) {
  Random random(1, "form");
  std::string large = "A large part follows" + random.bytes((3u << 20) - 20);
  // What nearly is the boundary, where blocks of the scanner may end.
  for (std::size_t at = 1000; at + 100 < large.size(); at += 65521) large.replace(at, 16, "\r\n------a-bounda");
  const auto [type, body] =
      form({{"file", "p.zip", "application/zip", large}, {"empty", "", "", ""}, {"note", "", "", "text"}});
  const RawAnswer answer = echo.post("/form", {{"Content-Type", type}}, body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto parts = json::elements(answer.json(), "parts");
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(json::integer(json::as_object(parts[0]), "size"), 3 << 20);
  EXPECT_EQ(json::string(json::as_object(parts[0]), "type"), "application/zip");
  EXPECT_EQ(json::text(parts[1]), R"({"name":"empty","file":"","type":"","size":0,"start":""})");
  EXPECT_EQ(json::string(json::as_object(parts[2]), "start"), "text");
}

TEST_F(CoreTest, ABrokenFormIsABadRequest) {
  const auto [type, body] = form({{"file", "p.zip", "", "content"}});
  EXPECT_EQ(echo.post("/form", {{"Content-Type", type}}, body.substr(0, body.size() - 8)).status, 400);
  EXPECT_EQ(echo.post("/form", {{"Content-Type", "text/plain"}}, body).status, 400);
  EXPECT_EQ(echo.post("/form", {{"Content-Type", "multipart/form-data"}}, body).status, 400);
}

TEST_F(CoreTest, FaultsOfAListActOneAfterTheOtherAndAreSpent) {
  echo.faults().set({fault(R"({"match": "GET /a", "status": 429, "retry_after": 1, "count": 2})"),
                     fault(R"({"status": 503, "retry_after": "date", "retry_after_header": "x-wait", "count": 1})")});
  const RawAnswer first = echo.get("/a");
  EXPECT_EQ(first.status, 429);
  EXPECT_EQ(first.header("Retry-After"), "1");
  const RawAnswer other = echo.get("/b");
  EXPECT_EQ(other.status, 503);
  EXPECT_TRUE(other.header("x-wait").ends_with(" GMT"));
  EXPECT_EQ(echo.get("/a").status, 429);
  EXPECT_EQ(echo.get("/a").status, 200);
  EXPECT_EQ(json::integer(echo.site().counters(), "answers"), 1);
}

TEST_F(CoreTest, AFaultCanBeOfOneRequestAmongSeveral) {
  echo.faults().set({fault(R"({"match": "GET /a", "after": 2, "status": 503, "count": 1})")});
  EXPECT_EQ(echo.get("/a").status, 200);
  EXPECT_EQ(echo.get("/b").status, 200);
  EXPECT_EQ(echo.get("/a").status, 200);
  EXPECT_EQ(echo.faults().list().at(0).count, 1);
  EXPECT_EQ(echo.get("/a").status, 503);
  EXPECT_EQ(echo.faults().list().at(0).count, 0);
  EXPECT_EQ(echo.get("/a").status, 200);
}

TEST_F(CoreTest, AnAnswerCanBeLostAfterTheWorkWasDone) {
  echo.faults().set({fault(R"({"status": 500, "applied_first": true, "count": 1})")});
  EXPECT_EQ(echo.post("/x", {}, "b").status, 500);
  EXPECT_EQ(json::integer(echo.site().counters(), "answers"), 1);
  echo.faults().set({fault(R"({"drop": true, "applied_first": true, "count": 1})")});
  EXPECT_THROW(echo.post("/x", {}, "b"), std::runtime_error);
  EXPECT_EQ(json::integer(echo.site().counters(), "answers"), 2);
  echo.faults().set({fault(R"({"drop": true, "count": 1})")});
  EXPECT_THROW(echo.post("/x", {}, "b"), std::runtime_error);
  EXPECT_EQ(json::integer(echo.site().counters(), "answers"), 2);
}

TEST_F(CoreTest, AnswersCanBeCutSlowedAndMislabelled) {
  echo.faults().set({fault(R"({"truncate_at": 5, "count": 1})")});
  const std::string bytes = raw_exchange(echo.port(), "GET /pieces HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(bytes.find("Content-Length: 13\r\n"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\none t"));

  echo.faults().set({fault(R"({"bytes_per_second": 100, "latency_ms": 20, "content_type": "text/html"})")});
  const auto begin = std::chrono::steady_clock::now();
  const RawAnswer answer = echo.get("/pieces");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(130));
  EXPECT_EQ(answer.body, "one two three");
  EXPECT_EQ(answer.header("Content-Type"), "text/html");
}

TEST_F(CoreTest, AnUnknownKnobIsRefused) {
  EXPECT_THROW(fault(R"({"latency": 5})"), BadRequest);
  EXPECT_THROW(fault(R"({"status": 42})"), BadRequest);
  EXPECT_THROW(fault(R"({"job": "explode"})"), BadRequest);
}

TEST_F(CoreTest, JobsItemsAndTokensAreThePlatforms) {
  FaultBox& box = echo.faults();
  box.set({fault(R"({"job": "fail", "count": 1, "fail_items": ["a"]})"),
           fault(R"({"job": "hang", "skip_items": ["b"], "expire_tokens": true})")});
  EXPECT_EQ(echo.get("/x").status, 200);
  EXPECT_EQ(box.take_job(), "fail");
  EXPECT_EQ(box.take_job(), "hang");
  EXPECT_EQ(box.take_job(), "hang");
  EXPECT_TRUE(box.fails("a"));
  EXPECT_FALSE(box.fails("b"));
  EXPECT_TRUE(box.skips("b"));
  EXPECT_EQ(box.token_epoch(), 1);
  box.set({});
  EXPECT_EQ(box.token_epoch(), 1);
  EXPECT_EQ(box.take_job(), "");
}

TEST_F(CoreTest, RequestsAreCountedByTheirPattern) {
  echo.get("/dev/export/8f0c4b6e-0000-4000-8000-000000000001/status?x=1");
  echo.get("/dev/export/8f0c4b6e-0000-4000-8000-000000000002/status");
  echo.get("/rest/123456789/ces/attachment/66fabdf1e4b06908b04d4051");
  EXPECT_EQ(json::text(echo.site().log().counts()),
            R"({"GET /dev/export/{id}/status":2,"GET /rest/{id}/ces/attachment/{id}":1})");
  const auto last = json::elements(json::Value(echo.site().log().last()));
  ASSERT_EQ(last.size(), 3u);
  EXPECT_EQ(json::string(json::as_object(last[0]), "target"),
            "/dev/export/8f0c4b6e-0000-4000-8000-000000000001/status?x=1");
}

TEST(SandboxSite, StateSurvivesARestartAndAResetForgetsIt) {
  const auto folder = std::filesystem::temp_directory_path() / ("ferry-sandbox-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto file = folder / "echo.json";
  Settings settings;
  settings.now_ms = [] { return std::int64_t{0}; };
  {
    Site site(make_echo, settings, file);
    Listener listener(site, "127.0.0.1", 0);
    send(listener.port(), "GET", "/x");
    send(listener.port(), "GET", "/x");
  }
  {
    Site site(make_echo, settings, file);
    EXPECT_EQ(json::integer(site.counters(), "answers"), 2);
    site.reset();
    EXPECT_EQ(json::integer(site.counters(), "answers"), 0);
  }
  Site site(make_echo, settings, file);
  EXPECT_EQ(json::integer(site.counters(), "answers"), 0);
  std::filesystem::remove_all(folder);
}

TEST(SandboxJson, DocumentsReadAsTheyWereWritten) {
  const std::string document =
      R"({"z":1,"a":"x/y\n","n":null,"b":true,"big":12345678901,"d":0.25,"l":[],"o":{"k":[1,"2"]}})";
  EXPECT_EQ(json::text(json::parse(document)), document);
  EXPECT_THROW(json::parse("{"), BadRequest);
  EXPECT_THROW(json::parse_object("[]"), BadRequest);
}

TEST(SandboxSeeded, ContentFollowsFromTheSeed) {
  EXPECT_EQ(uuid_of(1, "a"), uuid_of(1, "a"));
  EXPECT_NE(uuid_of(1, "a"), uuid_of(2, "a"));
  EXPECT_NE(uuid_of(1, "a"), uuid_of(1, "b"));
  EXPECT_EQ(uuid_of(1, "a").size(), 36u);
  EXPECT_EQ(hex_of(7, "x").size(), 24u);
  EXPECT_EQ(iso_time(1737971051843), "2025-01-27T09:44:11.843Z");
}

}  // namespace

}  // namespace sandbox::test
