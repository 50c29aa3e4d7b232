// Spark's sandbox: who may ask, exports, downloads and the lists of jobs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "samples/sandbox/spark/package.hpp"
#include "tests/samples/sandbox/shape.hpp"
#include "tests/samples/sandbox/spark_client.hpp"

namespace sandbox::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const token_path = "/auth/realms/dev/protocol/openid-connect/token";
const char* const life = R"({"inputs": {"services": ["rates/life"]}, "version_filter": "all"})";

class SparkTest : public testing::Test {
 protected:
  SparkClient dev{"dev"};

  std::vector<std::string> versions_of(const std::string& body) {
    const json::Object job = dev.exported(body);
    EXPECT_TRUE(job->isNull("errors")) << json::text(job);
    return texts(job, "service_versions", "service_uri_source");
  }
  std::string error_of(const std::string& body) {
    const json::Object job = dev.exported(body);
    EXPECT_EQ(json::string(job, "status"), "closed");
    EXPECT_THAT(json::elements(json::child(job, "outputs"), "files"), IsEmpty());
    return json::text(job->get("errors"));
  }
};

TEST_F(SparkTest, AClientGetsATokenAsKeycloakGivesIt) {
  const RawAnswer answer =
      dev.server.post(token_path, {}, "grant_type=client_credentials&client_id=ferry&client_secret=sandbox");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(difference(R"({"access_token": "eyJ", "expires_in": 7200, "refresh_expires_in": 0, "token_type": "Bearer",
                           "not-before-policy": 0, "scope": "spark"})",
                       answer.body),
            "");
  EXPECT_EQ(json::string(answer.json(), "access_token").substr(0, 3), "eyJ");
  EXPECT_EQ(json::integer(answer.json(), "expires_in"), 7200);
  const std::string basic = "Basic ZmVycnk6c2FuZGJveA==";
  EXPECT_EQ(dev.server.post(token_path, {{"Authorization", basic}}, "grant_type=client_credentials").status, 200);
  const std::string body = "grant_type=client_credentials&client_id=ferry&client_secret=sandbox";
  EXPECT_EQ(dev.server.post(token_path, {{"Authorization", "Bearer undefined"}}, body).status, 200);
}

TEST_F(SparkTest, WhatIsNoClientGetsNoToken) {
  EXPECT_EQ(dev.server.post(token_path, {}, "grant_type=client_credentials&client_id=ferry&client_secret=wrong").status,
            401);
  EXPECT_EQ(dev.server.post(token_path, {}, "client_id=ferry&client_secret=sandbox").status, 400);
  EXPECT_EQ(dev.server.post(token_path, {}, "grant_type=password").status, 400);
  EXPECT_EQ(dev.server.post("/auth/realms/other/protocol/openid-connect/token", {}, "x=y").status, 404);
}

TEST_F(SparkTest, OnlyKnownCredentialsAreLetIn) {
  const std::string list = dev.path("export/status");
  EXPECT_EQ(dev.server.get(list).status, 401);
  for (const char* const unknown : {"undefined", "None", "a.b.c", "eyJ.eyJ.eyJ"}) {
    EXPECT_EQ(dev.server.get(list, {{"Authorization", std::string("Bearer ") + unknown}}).status, 401) << unknown;
  }
  EXPECT_EQ(dev.server.get(list, dev.as()).status, 200);
  EXPECT_EQ(dev.server.get(list, {{"x-synthetic-key", "sandbox-key"}, {"x-tenant-name", "dev"}}).status, 200);
  EXPECT_EQ(dev.server.get(list, {{"x-synthetic-key", "sandbox-key"}}).status, 401);
  EXPECT_EQ(dev.server.get(list, {{"x-synthetic-key", "sandbox-key"}, {"x-tenant-name", "test"}}).status, 401);
  EXPECT_EQ(dev.server.get(list, {{"x-synthetic-key", "other"}, {"x-tenant-name", "dev"}}).status, 401);
  SparkClient test("test");
  EXPECT_EQ(dev.server.get(list, test.as()).status, 401);
}

TEST_F(SparkTest, TokensEnd) {
  const Headers token = dev.as();
  const std::string list = dev.path("export/status");
  dev.server.advance(7'199'000);
  EXPECT_EQ(dev.server.get(list, token).status, 200);
  dev.server.advance(1'000);
  EXPECT_EQ(dev.server.get(list, token).status, 401);
  const Headers fresh = dev.as();
  Faults expire;
  expire.expire_tokens = true;
  dev.server.faults().set({expire});
  EXPECT_EQ(dev.server.get(list, fresh).status, 401);
  EXPECT_EQ(dev.server.get(list, dev.as()).status, 200);
}

TEST_F(SparkTest, AnExportIsAnsweredAsDocumentedWhileItRunsAndAfter) {
  const RawAnswer started = dev.start_export(
      R"({"inputs": {"services": ["rates/life[0.4.2]"]}, "source_system": "mycicd", "correlation_id": "456"})");
  const std::string running = R"({"object": "export", "id": "uuid", "response_timestamp": "t", "status": "s",
      "status_url": "u", "process_time": 412, "outputs": {"files": [], "services": [], "service_versions": []},
      "errors": null, "warnings": [], "source_system": "mycicd", "correlation_id": "456"})";
  EXPECT_EQ(started.status, 200);
  EXPECT_EQ(difference(running, started.body), "");
  const std::string id = json::string(started.json(), "id");
  EXPECT_EQ(json::string(started.json(), "status"), "in_progress");
  EXPECT_EQ(json::string(started.json(), "status_url"), dev.server.url() + "/dev/api/v4/export/" + id + "/status");

  dev.server.advance(199);
  EXPECT_EQ(json::string(dev.status("export", id).json(), "status"), "in_progress");
  dev.server.advance(1);
  const RawAnswer closed = dev.status("export", id);
  EXPECT_EQ(difference(R"({"object": "export", "id": "uuid", "response_timestamp": "t", "status": "closed",
      "status_url": "u", "process_time": 412, "outputs": {
        "files": [{"file": "https://host/package.zip", "file_hash": "9f86d0"}],
        "services": [{"service_uri_source": "rates/life", "folder_source": "rates", "service_source": "life",
                      "service_id_source": "uuid"}],
        "service_versions": [{"service_uri_source": "rates/life[0.4.2]", "folder_source": "rates",
          "service_source": "life", "version_source": "0.4.2", "service_id_source": "uuid",
          "version_id_source": "uuid"}]},
      "errors": null, "warnings": [], "source_system": "mycicd", "correlation_id": "456"})",
                       closed.body),
            "");
  EXPECT_EQ(json::string(closed.json(), "status"), "closed");
  EXPECT_EQ(json::integer(closed.json(), "process_time"), 200);
  EXPECT_EQ(json::string(closed.json(), "response_timestamp"), "2026-01-01T00:00:00.200Z");
  EXPECT_THAT(texts(closed.json(), "service_versions", "service_uri_source"), ElementsAre("rates/life[0.4.2]"));
}

TEST_F(SparkTest, TagsThatAreNotGivenAreNull) {
  const RawAnswer started = dev.start_export(R"({"inputs": {"folders": ["rates"]}, "correlation_id": null})");
  EXPECT_THAT(started.body, HasSubstr(R"("source_system":null,"correlation_id":null})"));
}

TEST_F(SparkTest, FoldersServicesAndVersionsAreExportedTogether) {
  EXPECT_THAT(versions_of(R"({"inputs": {"folders": ["rates"]}})"),
              ElementsAre("rates/annuity[0.2.0]", "rates/life[0.4.2]", "rates/motor[1.1.0]"));
  EXPECT_THAT(versions_of(R"({"inputs": {"folders": ["claims"]}, "version_filter": "all"})"),
              ElementsAre("claims/fraud[1.0.0]", "claims/fraud[1.1.0]", "claims/reserve[0.1.0]", "claims/triage[2.0.0]",
                          "claims/triage[2.0.1]", "claims/triage[2.1.0]"));
  EXPECT_THAT(versions_of(R"({"inputs": {"services": ["rates/life[0.4]", "rates/motor"]}})"),
              ElementsAre("rates/life[0.4.2]", "rates/motor[1.1.0]"));
  const json::Object job = dev.exported(R"({"inputs": {"services": ["rates/life[0.4.0]", "pricing/home"]}})");
  const std::string version = texts(job, "service_versions", "version_id_source")[1];
  const std::string service = texts(job, "services", "service_id_source")[0];
  EXPECT_THAT(versions_of(R"({"inputs": {"version_ids": [")" + version + R"("], "services": [")" + service + R"("]}})"),
              ElementsAre("pricing/home[1.0.0]", "rates/life[0.4.0]"));
}

TEST_F(SparkTest, WhatCannotBeExportedClosesWithErrors) {
  EXPECT_THAT(error_of(R"({"inputs": {"folders": ["nowhere"]}})"), HasSubstr("nowhere does not exist"));
  EXPECT_THAT(error_of(R"({"inputs": {"folders": ["archive"]}})"), HasSubstr("archive holds no service"));
  EXPECT_THAT(error_of(R"({"inputs": {"services": ["rates/none", "rates/life"]}})"), HasSubstr("rates/none"));
  EXPECT_THAT(error_of(R"({"inputs": {"services": ["rates/life[7]"]}})"), HasSubstr("no version 7"));
  EXPECT_THAT(error_of(R"({"inputs": {"version_ids": ["none"]}})"), HasSubstr("none does not exist"));
  EXPECT_THAT(error_of(R"({"inputs": {"folders": ["drafts"]}})"), HasSubstr("not been compiled by Neuron"));
  EXPECT_THAT(error_of(R"({"inputs": {"folders": ["restricted"]}})"), HasSubstr("restricted does not exist"));
  EXPECT_EQ(dev.count("exports_failed"), 7);
  EXPECT_TRUE(dev.exported(R"({"inputs": {"folders": ["restricted"]}})", "supervisor")->isNull("errors"));
}

TEST_F(SparkTest, WhatIsNoExportIsRefused) {
  EXPECT_EQ(dev.start_export("{").status, 400);
  EXPECT_EQ(dev.start_export("{}").status, 400);
  EXPECT_EQ(dev.start_export(R"({"inputs": {"folders": []}})").status, 400);
  EXPECT_EQ(dev.start_export(R"({"inputs": {"folders": ["rates"]}, "file_filter": "x"})").status, 400);
  EXPECT_EQ(dev.start_export(R"({"inputs": {"folders": ["rates"]}, "version_filter": "x"})").status, 400);
  EXPECT_EQ(dev.server.send("DELETE", dev.path("export"), dev.as()).status, 405);
  EXPECT_EQ(dev.server.get(dev.path("elsewhere"), dev.as()).status, 404);
  EXPECT_EQ(dev.status("export", "5d0b0000-0000-4000-8000-000000000000").status, 404);
}

TEST_F(SparkTest, OneJobOfAKindRunsInATenant) {
  const RawAnswer first = dev.start_export(life);
  const RawAnswer second = dev.start_export(life, "supervisor");
  EXPECT_EQ(second.status, 409);
  EXPECT_THAT(second.body, HasSubstr("Only 1 job can be executed at once per tenant."));
  EXPECT_EQ(dev.start_import("x", "{}").status, 200);
  EXPECT_EQ(dev.count("jobs_running"), 2);
  dev.server.advance(200);
  EXPECT_EQ(dev.start_export(life).status, 200);
}

TEST_F(SparkTest, OfManyClientsAtOnceOneHasItsJob) {
  std::atomic<int> started = 0, refused = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&] {
      const RawAnswer answer = dev.start_export(life);
      (answer.status == 200 ? started : refused) += answer.status == 200 || answer.status == 409 ? 1 : 0;
      dev.server.get(dev.path("export/status"), dev.as());
      dev.server.site().counters();
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(refused, 7);
}

TEST_F(SparkTest, ARunningJobCanBeCancelledAndStaysSo) {
  const std::string id = json::string(dev.start_export(life).json(), "id");
  EXPECT_EQ(dev.server.send("PATCH", dev.path("export/" + id), dev.as(), "{}").status, 400);
  const RawAnswer cancelled =
      dev.server.send("PATCH", dev.path("export/" + id), dev.as(), R"({"export_status":"cancelled"})");
  EXPECT_EQ(cancelled.status, 200);
  EXPECT_EQ(json::string(cancelled.json(), "status"), "cancelled");
  dev.server.advance(10'000);
  EXPECT_EQ(json::string(dev.status("export", id).json(), "status"), "cancelled");
  EXPECT_EQ(dev.count("exports_cancelled"), 1);
  EXPECT_EQ(dev.count("exports_made"), 0);
  const json::Object closed = dev.exported(life);
  const std::string path = dev.path("export/" + json::string(closed, "id"));
  EXPECT_EQ(json::string(dev.server.send("PATCH", path, dev.as(), R"({"export_status":"cancelled"})").json(), "status"),
            "closed");
}

TEST_F(SparkTest, TheListShowsRunningJobsAndThoseOfTheLastHour) {
  const json::Object closed = dev.exported(life);
  dev.start_export(life);
  const RawAnswer list = dev.server.get(dev.path("export/status"), dev.as());
  EXPECT_EQ(difference(R"({"in_progress_exports": [{"object": "export", "id": "uuid", "data": {
          "export_status": "s", "response_timestamp": "t", "created_by": "ada@example.test",
          "created_timestamp": "t", "updated_timestamp": "t", "process_time": 123}}],
      "recent_exports": [{"object": "export", "id": "uuid", "data": {
          "export_status": "closed", "response_timestamp": "t", "created_by": "ada@example.test",
          "created_timestamp": "t", "updated_timestamp": "t", "process_time": 123}}],
      "tenant": {"configuration": {"export_api_job_limit": 1}, "status": {"export_api_jobs_in_progress": 0}}})",
                       list.body),
            "");
  EXPECT_EQ(json::elements(list.json(), "in_progress_exports").size(), 1u);
  ASSERT_EQ(json::elements(list.json(), "recent_exports").size(), 1u);
  EXPECT_EQ(json::string(json::as_object(json::elements(list.json(), "recent_exports")[0]), "id"),
            json::string(closed, "id"));
  EXPECT_THAT(list.body, HasSubstr(R"("export_api_jobs_in_progress":1)"));

  const RawAnswer imports = dev.server.get(dev.path("import/status"), dev.as());
  EXPECT_EQ(imports.body, R"({"in_progress_imports":[],"recent_imports":[],"tenant":{"configuration":)"
                          R"({"import_api_job_limit":1},"status":{"import_api_jobs_in_progress":0}}})");
  // The first was closed at 200 ms, the second at 400.
  const auto recent = [&] {
    return json::elements(dev.server.get(dev.path("export/status"), dev.as()).json(), "recent_exports").size();
  };
  dev.server.advance(3'600'000);
  EXPECT_EQ(recent(), 2u);
  dev.server.advance(100);
  EXPECT_EQ(recent(), 1u);
  dev.server.advance(101);
  EXPECT_EQ(recent(), 0u);
}

TEST_F(SparkTest, SupervisorsSeeAllJobsOthersTheirOwn) {
  const std::string id = json::string(dev.start_export(life, "supervisor").json(), "id");
  EXPECT_EQ(dev.status("export", id, "ferry").status, 404);
  EXPECT_EQ(json::elements(dev.server.get(dev.path("export/status"), dev.as()).json(), "in_progress_exports").size(),
            0u);
  dev.server.advance(200);
  const std::string own = json::string(dev.start_export(life, "ferry").json(), "id");
  EXPECT_EQ(dev.status("export", own, "supervisor").status, 200);
  const json::Object all = dev.server.get(dev.path("export/status"), dev.as("supervisor")).json();
  EXPECT_EQ(json::elements(all, "in_progress_exports").size(), 1u);
  EXPECT_EQ(json::elements(all, "recent_exports").size(), 1u);
}

TEST_F(SparkTest, APackageIsDownloadedWithoutCredentialsWhileItsUrlIsGood) {
  const json::Object closed = dev.exported(life);
  const json::Object file = json::as_object(json::elements(json::child(closed, "outputs"), "files")[0]);
  const std::string target = dev.target_of(json::string(file, "file"));
  const RawAnswer answer = dev.server.get(target);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/zip");
  spark::Rope rope;
  rope.pieces = {answer.body};
  EXPECT_EQ(rope.sha256(), json::string(file, "file_hash"));
  EXPECT_EQ(dev.server.get(target, {{"Authorization", "Bearer None"}}).body, answer.body);
  EXPECT_EQ(dev.server.get(target + "x").status, 403);
  EXPECT_EQ(dev.server.get(target.substr(0, target.find('?'))).status, 403);
  dev.server.advance(901'000);
  EXPECT_EQ(dev.server.get(target).status, 403);
  EXPECT_EQ(dev.download(dev.status("export", json::string(closed, "id")).json()), answer.body);
}

TEST_F(SparkTest, APackageHoldsWhatItsManifestSays) {
  const json::Object closed = dev.exported(life);
  const std::string package = dev.download(closed);
  const auto entries = spark::read_zip(package);
  ASSERT_EQ(entries[0].path, "dev/manifest.json");
  const json::Object outputs = json::child(closed, "outputs");
  const json::Object expected =
      json::object({{"object", "export"},
                    {"id", json::string(closed, "id")},
                    {"outputs", json::object({{"files", json::null()},
                                              {"services", outputs->get("services")},
                                              {"service_versions", outputs->get("service_versions")}})}});
  EXPECT_EQ(entries[0].content(), json::text(expected));
  std::vector<std::string> paths;
  for (const auto& entry : entries) {
    if (entry.path.find("0.4.2") != std::string::npos) paths.push_back(entry.path);
  }
  const std::string id = texts(closed, "service_versions", "version_id_source").back(),
                    folder = "dev/rates/life/0.4.2/";
  EXPECT_THAT(paths, ElementsAre(folder, folder + "DefaultValidations.json", folder + "ModelMetaData.json",
                                 folder + "WASMMetaData.json", folder + id + ".zip", folder + "life.xlsx"));
}

TEST_F(SparkTest, TheSeedDecidesTheContent) {
  SparkClient same("dev");
  EXPECT_EQ(same.package(life), dev.package(life));
  SparkClient large("dev", {{"package_bytes", "3000000"}});
  const std::string package = large.package(R"({"inputs": {"folders": ["large"]}})");
  EXPECT_LE(package.size(), 3'000'000u);
  EXPECT_GE(package.size(), 3'000'000u - (16u << 10));
  SparkClient limited("dev", {{"package_bytes", "3000000"}, {"size_limit", "1000000"}});
  const json::Object refused = limited.exported(R"({"inputs": {"folders": ["large"]}})");
  EXPECT_THAT(json::text(refused->get("errors")), HasSubstr("exceeds the limit of 1000000 bytes"));
}

TEST_F(SparkTest, JobsFailHangAndFinishInPartsWhenAsked) {
  const auto ask = [&](const std::string& fault) { dev.server.faults().set({faults_of(json::parse_object(fault))}); };
  ask(R"({"job": "fail", "count": 1})");
  EXPECT_THAT(error_of(life), HasSubstr("asked to let this job fail"));
  EXPECT_TRUE(dev.exported(life)->isNull("errors"));
  ask(R"({"job": "partial"})");
  const json::Object partial = dev.exported(R"({"inputs": {"folders": ["claims"]}})");
  EXPECT_THAT(texts(partial, "services", "service_source"), ElementsAre("fraud", "reserve"));
  EXPECT_THAT(json::text(partial->get("errors")), HasSubstr("claims/triage"));
  ask(R"({"fail_items": ["rates/life"]})");
  EXPECT_THAT(error_of(life), HasSubstr("rates/life[0.4.0] cannot be exported"));
  ask(R"({"skip_items": ["rates/life[0.4.1]"]})");
  const json::Object skipped = dev.exported(life);
  EXPECT_THAT(texts(skipped, "service_versions", "version_source"), ElementsAre("0.4.0", "0.4.2"));
  EXPECT_THAT(json::texts(skipped, "warnings"), ElementsAre("rates/life[0.4.1] was skipped."));
  ask(R"({"job": "hang", "count": 1})");
  const std::string id = json::string(dev.start_export(life).json(), "id");
  dev.server.advance(19 * 60'000);
  EXPECT_EQ(json::string(dev.status("export", id).json(), "status"), "in_progress");
  EXPECT_EQ(dev.start_export(life).status, 409);
  dev.server.advance(60'000);
  EXPECT_THAT(dev.status("export", id).body, HasSubstr("longer than 20 minutes"));
  EXPECT_EQ(dev.start_export(life).status, 200);
}

TEST_F(SparkTest, NeighbouringCallsAnswerToo) {
  EXPECT_EQ(dev.server.get("/health").body, R"({"status":"UP"})");
  EXPECT_THAT(dev.server.get("/api/v1/config/GetSparkConfiguration", dev.as()).body,
              HasSubstr(R"("ImpExSizeLimit_InBytes":"209715200")"));
  const auto [type, body] = form({{"Name", "", "", "brand-new"}, {"Category", "", "", "Medical"}});
  Headers headers = dev.as();
  headers.emplace_back("Content-Type", type);
  EXPECT_EQ(json::string(json::child(dev.server.post("/api/v1/product/create", headers, body).json(), "data"), "name"),
            "brand-new");
  const RawAnswer again = dev.server.post("/api/v1/product/create", headers, body);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.body, R"({"status":"Error","data":null,"message":"The folder brand-new exists already.",)"
                        R"("errorCode":"PRODUCT_ALREADY_EXISTS"})");
}

}  // namespace

}  // namespace sandbox::test
