// SmartIQ as its documents have it: what an import does with each object, and how it fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/samples/sandbox/smartiq_server.hpp"

namespace sandbox::test {

namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SmartIqImport, BringsACloneToWhereItsSourceIs) {
  Server dev("dev"), clone("test");
  const json::Object pack = dev.whole(), before = clone.whole();
  EXPECT_THAT(names(before, "projects"), Not(testing::Contains("Complaint")));
  EXPECT_EQ(json::string(named(before, "projects", "Claim form"), "version"), "5.0");
  EXPECT_EQ(json::string(named(pack, "projects", "Claim form"), "version"), "6.0");
  EXPECT_EQ(json::string(named(before, "projects", "Claim form"), "id"),
            json::string(named(pack, "projects", "Claim form"), "id"));

  const RawAnswer answer = clone.call("POST", "projects/sync/import", json::text(pack));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(clone.counter("imports_applied"), 1);
  EXPECT_EQ(clone.counter("conflicts"), 0);
  EXPECT_EQ(clone.counter("objects_added"), 2);  // Complaint and its publication
  const json::Object after = clone.whole();
  EXPECT_EQ(json::text(json::as_object(after)->get("projects")), json::text(pack->get("projects")));
  EXPECT_EQ(json::text(after), json::text(pack));

  EXPECT_EQ(clone.import(pack), 204);
  EXPECT_EQ(clone.counter("imports_applied"), 2);
  EXPECT_EQ(clone.counter("objects_added"), 2);
}

TEST(SmartIqImport, UpdatesOnlyWhereIdAndNameAgree) {
  Server dev("dev"), clone("test", {{"conflicts", "1"}, {"renamed", "1"}});
  const json::Object pack = dev.whole(), before = clone.whole();
  EXPECT_NE(json::string(named(before, "projects", "Claim form"), "id"),
            json::string(named(pack, "projects", "Claim form"), "id"));
  EXPECT_EQ(json::string(named(before, "projects", "Motor quote (test)"), "id"),
            json::string(named(pack, "projects", "Motor quote"), "id"));
  EXPECT_EQ(clone.import(pack), 204);
  const json::Object after = clone.whole();
  for (const std::string name : {"Claim form", "Motor quote (test)"}) {
    EXPECT_EQ(json::text(named(after, "projects", name)), json::text(named(before, "projects", name)));
  }
  EXPECT_THAT(names(after, "projects"), Not(testing::Contains("Motor quote")));
  EXPECT_THAT(names(after, "projects"), testing::Contains("Complaint"));
  EXPECT_EQ(clone.counter("conflicts"), 3);  // both, and the publication of the one that is not here
}

TEST(SmartIqImport, CanRefuseConflictsAndTellWhatItDid) {
  Server dev("dev"), strict("test", {{"conflicts", "1"}, {"conflict", "refuse"}});
  const json::Object pack = dev.whole(), before = strict.whole();
  const RawAnswer refused = strict.call("POST", "projects/sync/import", json::text(pack));
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(json::string(refused.json(), "message"), HasSubstr("Claim form"));
  EXPECT_EQ(json::text(strict.whole()), json::text(before));
  EXPECT_EQ(strict.counter("imports_applied"), 0);

  Server talkative("test", {{"import_answer", "summary"}});
  const RawAnswer answer = talkative.call("POST", "projects/sync/import", json::text(pack));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::string(named(answer.json(), "results", "Complaint"), "result"), "added");
  EXPECT_EQ(json::string(named(answer.json(), "results", "Claim form"), "result"), "updated");
  EXPECT_EQ(json::string(named(answer.json(), "results", "Home quote"), "result"), "unchanged");
}

TEST(SmartIqImport, AnEnvironmentOfItsOwnMeetsConflictsEverywhereButInGroupsAndRoles) {
  Server dev("dev"), own("test", {{"clone", "false"}});
  const json::Object pack = dev.whole(), before = own.whole();
  EXPECT_EQ(names(before, "projects"), names(pack, "projects"));
  EXPECT_EQ(own.import(pack), 204);
  const json::Object after = own.whole();
  EXPECT_EQ(json::text(after->get("projects")), json::text(before->get("projects")));
  EXPECT_EQ(json::text(after->get("users")), json::text(before->get("users")));
  EXPECT_EQ(names(after, "groups"), names(before, "groups"));
  // A group is the same where its name is; its id stays.
  EXPECT_EQ(json::string(named(after, "groups", "Staff"), "id"), json::string(named(before, "groups", "Staff"), "id"));

  named(pack, "groups", "Staff")->set("email", "staff@example.test");
  EXPECT_EQ(own.import(pack), 204);
  EXPECT_EQ(json::string(named(own.whole(), "groups", "Staff"), "email"), "staff@example.test");
  EXPECT_EQ(json::string(named(own.whole(), "groups", "Staff"), "id"),
            json::string(named(before, "groups", "Staff"), "id"));
}

TEST(SmartIqImport, PoliciesSayWhatIsOverwritten) {
  Server dev("dev");
  const json::Object pack = dev.whole();
  // The last project was edited here, in March; the source changed the first two in February.
  const auto after = [&](const std::string& policy) {
    Server clone("test", {{"edited", "1"}});
    json::child(pack, "options")->set("projects", policy);
    json::child(pack, "options")->set("dataSources", policy == "IfNewer" ? "IfNotExists" : policy);
    EXPECT_EQ(clone.import(pack), 204);
    const json::Object whole = clone.whole();
    const bool sources =
        json::string(named(whole, "dataSources", "Rates"), "connectionString").find("dev.") != std::string::npos;
    return json::string(named(whole, "projects", "Claim form"), "version") + " " +
           json::string(named(whole, "projects", "Feedback"), "version") + " " +
           json::string(named(whole, "projects", "Complaint"), "version") + (sources ? " theirs" : " own");
  };
  EXPECT_EQ(after("Always"), "6.0 5.0 1.0 theirs");
  EXPECT_EQ(after("IfNotExists"), "5.0 5.1 1.0 own");
  EXPECT_EQ(after("IfNewer"), "6.0 5.1 1.0 own");

  Server clone("test");
  const json::Object before = clone.whole();
  json::child(pack, "options")->set("dataSources", std::string("IfNewer"));
  EXPECT_EQ(clone.import(pack), 400);
  json::child(pack, "options")->set("dataSources", std::string("Sometimes"));
  EXPECT_EQ(clone.import(pack), 400);
  EXPECT_EQ(json::text(clone.whole()), json::text(before));
}

TEST(SmartIqImport, WithoutOptionsEverythingIsOverwritten) {
  Server dev("dev"), clone("test");
  json::Object pack = dev.whole();
  pack->remove("options");
  EXPECT_EQ(clone.import(pack), 204);
  EXPECT_EQ(json::string(named(clone.whole(), "projects", "Claim form"), "version"), "6.0");
}

TEST(SmartIqImport, APartLeftBlankKeepsWhatTheTargetHas) {
  Server dev("dev"), clone("test");
  std::string request = dev.whole_request();
  request.insert(request.size() - 1, R"(,"options":{"connectionStrings":false})");
  EXPECT_EQ(clone.import(dev.pack(request)), 204);
  EXPECT_THAT(json::string(named(clone.whole(), "dataSources", "Policies"), "connectionString"), HasSubstr("test-db"));
  EXPECT_THAT(json::string(named(clone.whole(), "dataSources", "Rates"), "defaultData"), HasSubstr("1.1"));
}

TEST(SmartIqImport, KeepsWhatItDoesNotUnderstand) {
  Server dev("dev"), clone("test");
  std::string pack = dev.whole_request();
  pack = dev.export_text(pack);
  const std::string marker = R"("name":"Complaint")";
  pack.insert(pack.find(marker), R"("sequences":[1.50,{"z":1e400,"a":"\u00e9\/"}],)");
  EXPECT_EQ(clone.call("POST", "projects/sync/import", pack).status, 204);
  EXPECT_THAT(clone.export_text(dev.whole_request()), HasSubstr(R"("sequences":[1.50,{"z":1e400,"a":"\u00e9\/"}],)"));
}

TEST(SmartIqImport, RefusesAPackThatIsNone) {
  Server clone("test");
  const auto status = [&](const std::string& body) { return clone.call("POST", "projects/sync/import", body).status; };
  EXPECT_EQ(status("[]"), 400);
  EXPECT_EQ(status("PK\x03\x04"), 400);
  EXPECT_EQ(status(R"({"projects":{}})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"name":"Claim form"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"id":"1","name":"Claim form"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"id":"74f3d62e-0000-4000-8000-000000000001"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"id":"74f3d62e-0000-4000-8000-000000000001","name":"N")"), 400);
  EXPECT_EQ(status(R"({"projects":["\u12"]})"), 400);
  EXPECT_EQ(clone.counter("imports_applied"), 0);
}

TEST(SmartIqFaults, ItemsFailOrAreSkipped) {
  Server dev("dev"), clone("test");
  Faults faults;
  faults.fail_items = {"Claim form"};
  faults.skip_items = {dev.id_of("projects", "Motor quote")};
  clone.faults().set({faults});
  EXPECT_EQ(clone.import(dev.whole()), 204);
  EXPECT_EQ(json::string(named(clone.whole(), "projects", "Claim form"), "version"), "5.0");
  EXPECT_EQ(json::string(named(clone.whole(), "projects", "Motor quote"), "version"), "5.0");
  EXPECT_EQ(clone.counter("objects_failed"), 1);
  EXPECT_EQ(clone.counter("objects_skipped"), 1);
}

TEST(SmartIqFaults, AnImportFailsWholeOrHalfDone) {
  Server dev("dev"), clone("test");
  const json::Object pack = dev.whole(), before = clone.whole();
  Faults faults;
  faults.job = "fail";
  faults.count = 1;
  clone.faults().set({faults});
  EXPECT_EQ(clone.import(pack), 500);
  EXPECT_EQ(json::text(clone.whole()), json::text(before));
  EXPECT_EQ(clone.counter("imports_failed"), 1);

  faults.job = "partial";
  clone.faults().set({faults});
  EXPECT_EQ(clone.import(pack), 500);
  EXPECT_NE(json::text(clone.whole()), json::text(before));
  EXPECT_NE(json::text(clone.whole()), json::text(pack));
  EXPECT_EQ(clone.import(pack), 204);
  EXPECT_EQ(json::text(clone.whole()), json::text(pack));
  EXPECT_EQ(clone.counter("imports_applied"), 1);
}

}  // namespace

}  // namespace sandbox::test
