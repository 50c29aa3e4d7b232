// Spark's sandbox: imports, by the sentences of the platform's own page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/spark/zip.hpp"
#include "tests/samples/sandbox/shape.hpp"
#include "tests/samples/sandbox/spark_client.hpp"

namespace sandbox::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const life = R"({"inputs": {"services": ["rates/life"]}, "version_filter": "all"})";
const char* const motor = R"({"inputs": {"services": ["pricing/motor[3.2.1]"]}})";
const char* const replace = R"({"services_existing": "replace"})";

std::string modify(const std::string& existing, const std::string& source, const std::string& destination,
                   const std::string& type) {
  return R"({"inputs": {"services_modify": [{"service_uri_source": ")" + source + R"(", "service_uri_destination": ")" +
         destination + R"(", "update_version_type": ")" + type + R"("}]}, "services_existing": ")" + existing + R"("})";
}

// `prod` begins with folders alone, `test` with some services as they once were.
class SparkImportTest : public testing::Test {
 protected:
  SparkClient dev{"dev"}, test{"test"}, prod{"prod"};

  static std::string errors(const json::Object& job) { return json::text(job->get("errors")); }
  // A package of two services of which one cannot be imported changes nothing.
  void expect_nothing_done(SparkClient& tenant, const json::Object& job, const std::string& reason) {
    EXPECT_EQ(json::string(job, "status"), "closed");
    EXPECT_THAT(errors(job), HasSubstr(reason));
    EXPECT_THAT(texts(job, "services", "status"), IsEmpty());
    EXPECT_THAT(texts(job, "service_versions", "status"), IsEmpty());
    EXPECT_EQ(tenant.count("imports_applied"), 0);
  }
};

TEST_F(SparkImportTest, AServiceThatIsNotThereIsAddedAsDocumented) {
  const std::string package = dev.package(life);
  const json::Object source = dev.exported(life);
  const RawAnswer started = prod.start_import(package, R"({"source_system": "Spark JS SDK", "correlation_id": null})");
  EXPECT_EQ(json::string(started.json(), "status"), "in_progress");
  EXPECT_EQ(prod.count("imports_applied"), 0);
  const json::Object job = prod.finish("import", started);
  EXPECT_EQ(difference(R"({"object": "import", "id": "uuid", "response_timestamp": "1970-12-03T04:56:78.186Z",
      "status": "closed", "status_url": "https://host/my-tenant/api/v4/import/job-uuid/status", "process_time": 123,
      "outputs": {
        "services": [{"service_uri_source": "my-folder/my-service", "folder_source": "my-folder",
          "service_source": "my-service", "folder_destination": "my-folder", "service_destination": "my-service",
          "service_uri_destination": "my-folder/my-service", "service_id_destination": "uuid", "status": "added"}],
        "service_versions": [{"service_uri_source": "my-folder/my-service[0.1.0]", "folder_source": "my-folder",
          "service_source": "my-service", "version_source": "0.1.0", "version_id_source": "uuid",
          "folder_destination": "my-folder", "service_destination": "my-service", "version_destination": "0.1.0",
          "service_uri_destination": "my-folder/my-service[0.1.0]", "service_id_destination": "uuid",
          "version_id_destination": "uuid", "status": "added"}]},
      "errors": null, "warnings": [], "source_system": "Spark JS SDK", "correlation_id": null})",
                       json::text(job)),
            "");
  EXPECT_EQ(json::string(job, "status"), "closed");
  EXPECT_EQ(json::string(job, "status_url"),
            prod.server.url() + "/prod/api/v4/import/" + json::string(job, "id") + "/status");
  EXPECT_THAT(texts(job, "services", "status"), ElementsAre("added"));
  EXPECT_THAT(texts(job, "service_versions", "version_destination"), ElementsAre("0.4.0", "0.4.1", "0.4.2"));
  // The ids are free here and so are carried over.
  const auto ids = texts(source, "service_versions", "version_id_source");
  EXPECT_EQ(texts(job, "service_versions", "version_id_destination"), ids);
  EXPECT_EQ(texts(job, "service_versions", "version_id_source"), ids);
  EXPECT_EQ(texts(prod.exported(life), "service_versions", "version_id_source"), ids);
  EXPECT_EQ(prod.count("imports_applied"), 1);
  EXPECT_EQ(prod.count("versions_imported"), 3);
}

TEST_F(SparkImportTest, AnExistingServiceFailsTheImportUnlessSaidOtherwise) {
  const std::string package = dev.package(R"({"inputs": {"services": ["rates/life", "rates/annuity"]}})");
  expect_nothing_done(test, test.imported(package, "{}"), "rates/life exists already");
  expect_nothing_done(test, test.imported(package, R"({"services_existing": "abort"})"), "rates/life exists already");
  EXPECT_EQ(test.count("imports_failed"), 2);
  EXPECT_EQ(errors(test.exported(R"({"inputs": {"services": ["rates/annuity"]}})")).find("null"), std::string::npos);
}

TEST_F(SparkImportTest, ReplaceTakesTheSourcesVersionsAndKeepsIdsOfOverlappingNumbers) {
  // In test the service gets a version 0.4.2 of its own, so that its id differs from dev's.
  const std::string latest = dev.package(R"({"inputs": {"services": ["rates/life[0.4.0]"]}})");
  test.imported(latest, modify("add_version", "rates/life", "rates/life", "patch"));
  const json::Object before = test.exported(life);
  ASSERT_THAT(texts(before, "service_versions", "version_source"), ElementsAre("0.4.0", "0.4.1", "0.4.2"));
  const std::string own_id = texts(before, "service_versions", "version_id_source")[2];

  const std::string package = dev.package(R"({"inputs": {"services": ["rates/life[0.4.2]", "rates/annuity"]}})");
  const json::Object job = test.imported(package, replace);
  EXPECT_THAT(texts(job, "services", "status"), ElementsAre("added", "replaced"));
  EXPECT_THAT(texts(job, "service_versions", "status"), ElementsAre("added", "replaced"));
  EXPECT_EQ(texts(job, "service_versions", "version_id_destination")[1], own_id);
  EXPECT_NE(texts(job, "service_versions", "version_id_source")[1], own_id);
  const json::Object after = test.exported(life);
  EXPECT_THAT(texts(after, "service_versions", "version_source"), ElementsAre("0.4.2"));
  EXPECT_EQ(texts(after, "service_versions", "version_id_source")[0], own_id);
  EXPECT_NE(texts(after, "services", "service_id_source"), texts(before, "services", "service_id_source"));
}

TEST_F(SparkImportTest, AddVersionGoesOnFromTheLatestNumber) {
  const std::string two = dev.package(R"({"inputs": {"services": ["claims/fraud"]}, "version_filter": "all"})");
  const auto numbers = [&](const std::string& type) {
    SparkClient fresh("test", {{"content", "all"}});
    const json::Object job = fresh.imported(two, modify("add_version", "claims/fraud", "claims/fraud", type));
    EXPECT_THAT(texts(job, "services", "status"), ElementsAre("updated"));
    EXPECT_THAT(texts(job, "service_versions", "status"), ElementsAre("added", "added"));
    return texts(job, "service_versions", "version_destination");
  };
  EXPECT_THAT(numbers("major"), ElementsAre("2.0.0", "3.0.0"));
  EXPECT_THAT(numbers("minor"), ElementsAre("1.2.0", "1.3.0"));
  EXPECT_THAT(numbers("patch"), ElementsAre("1.1.1", "1.1.2"));
}

TEST_F(SparkImportTest, AddVersionIsMinorWhereNothingIsSaid) {
  const std::string package = dev.package(R"({"inputs": {"services": ["rates/life"]}})");
  const json::Object job = test.imported(package, R"({"services_existing": "add_version"})");
  EXPECT_THAT(texts(job, "service_versions", "version_destination"), ElementsAre("0.5.0"));
  // The version's id was free; a second time it is not.
  const auto source = texts(job, "service_versions", "version_id_source");
  EXPECT_EQ(texts(job, "service_versions", "version_id_destination"), source);
  const json::Object again = test.imported(package, R"({"services_existing": "add_version"})");
  EXPECT_THAT(texts(again, "service_versions", "version_destination"), ElementsAre("0.6.0"));
  EXPECT_NE(texts(again, "service_versions", "version_id_destination"), source);
}

TEST_F(SparkImportTest, CopyTakesTheSourcesNumbers) {
  const json::Object job = test.imported(dev.package(life), modify("add_version", "rates/life", "rates/life", "copy"));
  EXPECT_THAT(texts(job, "service_versions", "version_destination"), ElementsAre("0.4.0", "0.4.1", "0.4.2"));
  EXPECT_THAT(texts(job, "service_versions", "status"), ElementsAre("replaced", "replaced", "added"));
}

// The documents' own sample: myproduct/myservice 1.3.1 becomes newproduct/newservice 2.0.0.
TEST_F(SparkImportTest, TheDocumentsSampleRequestDoesWhatItSays) {
  const std::string package = dev.package(R"({"inputs": {"services": ["myproduct/myservice"]}})");
  const std::string entity = modify("add_version", "myproduct/myservice", "newproduct/newservice", "major");
  const json::Object added = prod.imported(package, entity);
  EXPECT_THAT(texts(added, "service_versions", "service_uri_source"), ElementsAre("myproduct/myservice[1.3.1]"));
  EXPECT_THAT(texts(added, "service_versions", "service_uri_destination"), ElementsAre("newproduct/newservice[1.3.1]"));
  const json::Object updated = prod.imported(package, entity);
  EXPECT_THAT(texts(updated, "service_versions", "service_uri_destination"),
              ElementsAre("newproduct/newservice[2.0.0]"));
  EXPECT_THAT(texts(updated, "services", "service_uri_destination"), ElementsAre("newproduct/newservice"));
  EXPECT_THAT(texts(updated, "services", "status"), ElementsAre("updated"));
}

TEST_F(SparkImportTest, MappingsConcernOnlyTheServicesTheyName) {
  const std::string package = dev.package(R"({"inputs": {"services": ["rates/life", "rates/annuity"]}})");
  const json::Object job =
      prod.imported(package, R"({"inputs": {"services_modify": [{"service_uri_source": "rates/life",
                                                   "service_uri_destination": "archive/old"},
                                                  {"service_uri_source": "rates/none"}]}})");
  EXPECT_THAT(texts(job, "services", "service_uri_destination"), ElementsAre("rates/annuity", "archive/old"));
  EXPECT_THAT(json::texts(job, "warnings"), ElementsAre(HasSubstr("rates/none")));
}

TEST_F(SparkImportTest, DestinationsMustExistAndBeAccessible) {
  const std::string package = dev.package(R"({"inputs": {"services": ["rates/life", "rates/annuity"]}})");
  expect_nothing_done(prod, prod.imported(package, modify("replace", "rates/life", "nowhere/life", "minor")),
                      "folder nowhere does not exist");
  expect_nothing_done(prod, prod.imported(package, modify("replace", "rates/life", "restricted/life", "minor")),
                      "restricted is not accessible");
  expect_nothing_done(prod, prod.imported(package, modify("replace", "rates/life", "rates/annuity", "minor")),
                      "have the destination rates/annuity");
  EXPECT_EQ(prod.count("services"), 0);
  const json::Object job =
      prod.imported(package, modify("replace", "rates/life", "restricted/life", "minor"), "supervisor");
  EXPECT_TRUE(job->isNull("errors")) << errors(job);
}

TEST_F(SparkImportTest, WhatIsNoPackageForMigrationClosesWithErrors) {
  expect_nothing_done(prod, prod.imported("no archive", "{}"), "not a ZIP archive");
  const std::string onpremises =
      dev.package(R"({"inputs": {"services": ["rates/life"]}, "file_filter": "onpremises"})");
  expect_nothing_done(prod, prod.imported(onpremises, "{}"), "file filter \\\"migrate\\\"");
  std::string damaged = dev.package(motor);
  damaged[damaged.size() / 2] ^= 1;
  expect_nothing_done(prod, prod.imported(damaged, "{}"), "is damaged");
  expect_nothing_done(prod, prod.imported(dev.package(motor).substr(0, 9000), "{}"), "directory is damaged");
  spark::ZipWriter empty;
  empty.add("a.txt", "a");
  expect_nothing_done(prod, prod.imported(empty.finish().text(), "{}"), "no manifest.json");
}

TEST_F(SparkImportTest, TheFormIsReadInAnyOrderAndItsParametersAreOptional) {
  const std::string package = dev.package(motor);
  const auto post = [&](const std::vector<Part>& parts) {
    const auto [type, body] = form(parts);
    Headers headers = prod.as();
    headers.emplace_back("Content-Type", type);
    return prod.server.post(prod.path("import"), headers, body);
  };
  const json::Object alone = prod.finish("import", post({{"file", "binary_zip_data.zip", "", package}}));
  EXPECT_THAT(texts(alone, "services", "status"), ElementsAre("added"));
  const json::Object reversed = prod.finish(
      "import", post({{"file", "p.zip", "", package}, {"importRequestEntity", "", "application/json", replace}}));
  EXPECT_THAT(texts(reversed, "services", "status"), ElementsAre("replaced"));
  EXPECT_EQ(post({{"importRequestEntity", "", "", replace}}).status, 400);
  const auto with = [&](const std::string& entity) {
    return post({{"importRequestEntity", "", "", entity}, {"file", "p.zip", "", package}}).status;
  };
  EXPECT_EQ(with("{"), 400);
  EXPECT_EQ(with(R"({"services_existing": "merge"})"), 400);
  EXPECT_EQ(with(modify("replace", "rates", "rates/x", "minor")), 400);
  EXPECT_EQ(with(modify("replace", "rates/life", "rates/x", "huge")), 400);
  Headers headers = prod.as();
  headers.emplace_back("Content-Type", "application/zip");
  EXPECT_EQ(prod.server.post(prod.path("import"), headers, package).status, 415);
  EXPECT_EQ(prod.server.post(prod.path("import"), {}, package).status, 401);
}

TEST_F(SparkImportTest, APackageBeyondTheLimitIsRefused) {
  SparkClient limited("prod", {{"size_limit", "100000"}});
  EXPECT_EQ(limited.start_import(std::string(100'001, 'x'), "{}").status, 413);
  EXPECT_EQ(limited.start_import(std::string(3'000'000, 'x'), "{}").status, 413);
  EXPECT_EQ(limited.start_import(std::string(100'000, 'x'), "{}").status, 200);
}

TEST_F(SparkImportTest, ACancelledImportChangesNothing) {
  const RawAnswer started = prod.start_import(dev.package(life), "{}");
  const std::string id = json::string(started.json(), "id");
  EXPECT_EQ(prod.start_import("x", "{}").status, 409);
  const RawAnswer cancelled =
      prod.server.send("PATCH", prod.path("import/" + id), prod.as(), R"({"import_status":"cancelled"})");
  EXPECT_EQ(cancelled.status, 200);
  prod.server.advance(1000);
  EXPECT_EQ(json::string(prod.status("import", id).json(), "status"), "cancelled");
  EXPECT_EQ(prod.count("imports_applied"), 0);
  EXPECT_EQ(prod.count("imports_cancelled"), 1);
  EXPECT_EQ(prod.count("services"), 0);
}

TEST_F(SparkImportTest, ItemsAndJobsFailWhenAsked) {
  const auto ask = [&](const std::string& fault) { prod.server.faults().set({faults_of(json::parse_object(fault))}); };
  const std::string package = dev.package(R"({"inputs": {"folders": ["rates"]}})");
  ask(R"({"fail_items": ["rates/motor"]})");
  expect_nothing_done(prod, prod.imported(package, "{}"), "rates/motor could not be imported");
  ask(R"({"job": "fail"})");
  expect_nothing_done(prod, prod.imported(package, "{}"), "asked to let this job fail");
  ask(R"({"skip_items": ["rates/motor"]})");
  const json::Object skipped = prod.imported(package, replace);
  EXPECT_THAT(texts(skipped, "services", "service_source"), ElementsAre("annuity", "life"));
  EXPECT_THAT(json::texts(skipped, "warnings"), ElementsAre("rates/motor was skipped."));
  ask(R"({"job": "partial"})");
  const json::Object partial = prod.imported(package, replace);
  EXPECT_THAT(texts(partial, "services", "service_source"), ElementsAre("annuity", "life"));
  EXPECT_THAT(errors(partial), HasSubstr("rates/motor"));
}

TEST_F(SparkImportTest, WhatWasImportedSurvivesARestart) {
  const auto folder = std::filesystem::temp_directory_path() / ("ferry-sandbox-spark-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  Settings settings = spark_settings("prod");
  std::int64_t now = 1'767'225'600'000;
  settings.now_ms = [&] { return now; };
  // A workbook from elsewhere, so that the kept state must hold its bytes.
  const std::string package = dev.package(motor);
  spark::ZipWriter changed;
  for (const auto& entry : spark::read_zip(package)) {
    changed.add(entry.path, entry.path.ends_with(".xlsx") ? "a workbook of my own" : entry.content());
  }
  std::string before;
  const auto workbook = [&](Site& site) {
    Listener listener(site, "127.0.0.1", 0);
    const Headers key = {{"x-synthetic-key", "sandbox-key"}, {"x-tenant-name", "prod"}};
    const RawAnswer started =
        send(listener.port(), "POST", "/prod/api/v4/export", key, R"({"inputs": {"services": ["pricing/motor"]}})");
    now += 1000;
    const std::string id = json::string(started.json(), "id");
    const json::Object job = send(listener.port(), "GET", "/prod/api/v4/export/" + id + "/status", key).json();
    const json::Object file = json::as_object(json::elements(json::child(job, "outputs"), "files")[0]);
    const std::string url = json::string(file, "file");
    const std::string bytes = send(listener.port(), "GET", url.substr(listener.url().size())).body;
    return spark::read_zip(bytes).back().content();
  };
  {
    Site site(make_spark, settings, folder / "spark.json");
    Listener listener(site, "127.0.0.1", 0);
    const auto [type, body] = form({{"file", "p.zip", "", changed.finish().text()}});
    const Headers key = {{"x-synthetic-key", "sandbox-key"}, {"x-tenant-name", "prod"}, {"Content-Type", type}};
    EXPECT_EQ(send(listener.port(), "POST", "/prod/api/v4/import", key, body).status, 200);
    now += 100;
  }
  {
    // The job goes on where it was.
    Site site(make_spark, settings, folder / "spark.json");
    EXPECT_EQ(json::integer(site.counters(), "imports_applied"), 0);
    now += 100;
    EXPECT_EQ(json::integer(site.counters(), "imports_applied"), 1);
    EXPECT_EQ(workbook(site), "a workbook of my own");
  }
  Site site(make_spark, settings, folder / "spark.json");
  EXPECT_EQ(json::integer(site.counters(), "imports_applied"), 1);
  EXPECT_EQ(workbook(site), "a workbook of my own");
  std::filesystem::remove_all(folder);
}

}  // namespace

}  // namespace sandbox::test
