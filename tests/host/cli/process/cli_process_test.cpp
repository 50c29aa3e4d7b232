#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "host/base/files.hpp"
#include "tests/support/process.hpp"

namespace ferry::host {
namespace {

using Poco::JSON::Object;
using test::Finished;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Words = std::vector<std::string>;

class Ferry : public testing::Test {
 protected:
  Ferry() : directory_(std::filesystem::temp_directory_path()) {
    write("dev.json", R"([{"id":"b1","title":"Blue","text":"new"},{"id":"b2","title":"Red","text":"r"}])");
    write("prod.json", R"([{"id":"b1","title":"Blue","text":"old"},{"id":"b9","title":"Old","text":"o"}])");
    const auto connection = [&](const std::string& name, const std::string& stage, const std::string& settings) {
      return "  " + name + ":\n    connector: shelf\n    url: http://127.0.0.1:9\n    stage: " + stage +
             "\n    settings: {" + settings + "}\n";
    };
    write("ferry.yaml", "stages: [dev, prod]\nconnections:\n" +
                            connection("books-dev", "dev", "file: " + path("dev.json")) +
                            connection("books-prod", "prod", "file: " + path("prod.json")) +
                            connection("locked", "dev", "file: x, fails: auth") +
                            connection("fallen", "dev", "file: x, fails: platform") +
                            connection("slow", "dev", "slow: true, file: " + path("dev.json")));
  }

  std::string path(const std::string& name) const { return directory_.path() / name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string content(const std::string& name) const { return read_file(path(name)); }

  test::Command command(Words words) const {
    test::Command command;
    command.arguments = std::move(words);
    command.arguments.insert(command.arguments.begin(), FERRY_BINARY_DIR "/bin/ferry");
    command.environment = {
        {"HOME", directory_.path()}, {"TZ", "UTC"}, {"FERRY_CONNECTOR_PATH", FERRY_BINARY_DIR "/test-connectors"}};
    command.directory = directory_.path();
    return command;
  }
  Finished ferry(Words words) const { return test::run(command(std::move(words))); }
  Finished shell(const std::string& line) const {
    test::Command run = command({});
    run.arguments = {"/bin/bash", "-c", "ferry() { " FERRY_BINARY_DIR "/bin/ferry \"$@\"; }; " + line};
    return test::run(run);
  }

  static Poco::Dynamic::Var parsed(const std::string& text) {
    EXPECT_NO_THROW(Poco::JSON::Parser().parse(text)) << text;
    return Poco::JSON::Parser().parse(text);
  }
  static Object::Ptr object(const std::string& text) { return parsed(text).extract<Object::Ptr>(); }

  TemporaryDirectory directory_;
};

TEST_F(Ferry, SaysItsVersionAndHelpsWithoutAnythingElse) {
  Finished done = ferry({"--version"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out, "ferry " FERRY_TEST_VERSION "\n");
  done = ferry({"import", "--help"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, StartsWith("usage: ferry import NAME FILE [options]\n"));
  EXPECT_FALSE(std::filesystem::exists(path(".local")));
}

TEST_F(Ferry, ListsConnectorsWithoutReadingConfigurationOrOpeningAStore) {
  write("ferry.yaml", "this is: [not");
  const Finished done = ferry({"connectors", "list"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("shelf  1.0.0    ferry's tests  check catalog export inspect import"));
  EXPECT_FALSE(std::filesystem::exists(path(".local")));
  const auto document = object(ferry({"--json", "connectors", "list"}).out);
  EXPECT_EQ(document->getArray("connectors")->getObject(0)->getValue<std::string>("id"), "shelf");
}

TEST_F(Ferry, ShowsWhatAConnectorIsAndMayDo) {
  const Finished done = ferry({"connectors", "show", "shelf"});
  EXPECT_THAT(done.out, HasSubstr("may ask for secrets  token (optional)\n"));
  EXPECT_THAT(done.out, HasSubstr("file     string"));
  EXPECT_THAT(done.out, HasSubstr("where the books stand"));
  const Finished unknown = ferry({"connectors", "show", "shel"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"shelf\""));
}

TEST_F(Ferry, TellsErrorsOnStandardErrorAndAsJsonWhereAsked) {
  const struct {
    Words words;
    int code;
    std::string text;
  } table[] = {
      {{"improt"}, 2, "did you mean \"import\"?"},
      {{"connections", "check", "books-dve"}, 2, "did you mean \"books-dev\"?"},
      {{"--config", "nowhere.yaml", "connections", "list"}, 2, "nowhere.yaml"},
      {{"import", "books-prod", "nowhere.zip"}, 2, "nowhere.zip"},
      {{"import", "books-prod", "sha256:0123456789"}, 2, "no package"},
      {{"import", "books-prod", "sha256:0123456"}, 2, "at least the first 8 of the 64 digits"},
      {{"runs", "list", "--connection", "books-prd"}, 2, "did you mean \"books-prod\"?"},
      {{"promote", "books-dev", "books-prod", "--force"}, 2, "stage_order, preview_unknown, preview_errors"},
      {{"promote", "books-dev", "books-prod", "--force", "stage"}, 2, "stage_order"},
      {{"export", "books-dev", "-o", "no/such/p.zip"}, 2, "no/such"},
      {{"promote", "books-prod", "books-dev"}, 6, "--force stage_order"},
      {{"runs", "show", "20200101"}, 2, "20200101"},
  };
  for (const auto& row : table) {
    Finished done = ferry(row.words);
    EXPECT_EQ(done.exit_code, row.code) << done.err;
    EXPECT_THAT(done.err, HasSubstr(row.text));
    EXPECT_EQ(done.out, "");
    Words words = row.words;
    words.push_back("--json");
    done = ferry(words);
    const Object::Ptr error = object(done.out)->getObject("error");
    EXPECT_EQ(error->getValue<int>("exit_code"), row.code);
    EXPECT_THAT(error->getValue<std::string>("message"), HasSubstr(row.text));
    EXPECT_THAT(done.err, HasSubstr(row.text));
  }
}

TEST_F(Ferry, ChecksAConnectionAndSaysWhoMustAct) {
  Finished done = ferry({"connections", "check", "books-dev"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("\nbooks-dev can be used: http://127.0.0.1:9\n"));
  EXPECT_EQ(done.err, "shelf: warning: the shelf is dusty\n");
  EXPECT_EQ(ferry({"connections", "check", "books-dev", "--quiet"}).err, "");

  done = ferry({"connections", "check", "locked"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_THAT(done.out, HasSubstr("locked cannot be used"));
  EXPECT_THAT(done.err, HasSubstr("the shelf is locked"));
  done = ferry({"connections", "check", "fallen", "--json"});
  EXPECT_EQ(done.exit_code, 4);
  const Object::Ptr statistics = object(done.out);
  EXPECT_EQ(statistics->getValue<std::string>("format"), "ferry.statistics/1");
  EXPECT_EQ(statistics->getObject("run")->getValue<std::string>("state"), "failed");
}

TEST_F(Ferry, ListsTheStreamsOfAConnection) {
  EXPECT_EQ(ferry({"catalog", "books-dev"}).out,
            "STREAM  KIND      KEY       CURSOR  TITLE\nbook    artefact  type, id          Books\n");
  EXPECT_EQ(parsed(ferry({"catalog", "books-dev", "--json"}).out).extract<Poco::JSON::Array::Ptr>()->size(), 1u);
}

TEST_F(Ferry, ExportsInspectsImportsAndPutsBack) {
  Finished done = ferry({"export", "books-dev", "-o", "p.zip"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, StartsWith("export from books-dev: succeeded in "));
  EXPECT_THAT(done.out, HasSubstr("TYPE  TOTAL\nbook      2\n"));
  EXPECT_THAT(done.out, HasSubstr("package: p.zip, "));

  done = ferry({"inspect", "p.zip"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, StartsWith("TYPE  NAME  ID  HASH          REFERENCES\nbook  Blue  b1  "));
  done = ferry({"inspect", "p.zip", "--json"});
  const Object::Ptr inspected = object(done.out);
  EXPECT_EQ(inspected->getArray("artefacts")->size(), 2u);
  EXPECT_EQ(inspected->getValue<std::string>("state"), "succeeded");

  const std::string before = content("prod.json");
  done = ferry({"import", "books-prod", "p.zip", "--on-existing", "replace", "--dry-run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, StartsWith("dry run of import into books-prod: succeeded"));
  EXPECT_THAT(done.out, HasSubstr("dry run: nothing was changed\n"
                                  "to do it: ferry import books-prod p.zip --on-existing replace\n"));
  EXPECT_EQ(content("prod.json"), before);

  done = ferry({"import", "books-prod", "p.zip", "--on-existing", "replace"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("  +  added     book  Red   b2\n"));
  EXPECT_THAT(done.out, HasSubstr("  ~  modified  book  Blue  b1\n"));
  EXPECT_NE(content("prod.json"), before);

  const std::string marker = "to put it back: ferry ";
  const std::size_t at = done.out.find(marker);
  ASSERT_NE(at, std::string::npos) << done.out;
  const std::string put_back = done.out.substr(at + marker.size(), done.out.find('\n', at) - at - marker.size());
  EXPECT_THAT(put_back, HasSubstr("--prune"));
  done = shell("ferry " + put_back);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(content("prod.json"), HasSubstr("old"));
  EXPECT_THAT(content("prod.json"), Not(HasSubstr("b2")));
}

TEST_F(Ferry, WritesAPackageToStandardOutputAndTheReportToStandardError) {
  ASSERT_EQ(ferry({"export", "books-dev", "-o", "p.zip"}).exit_code, 0);
  const Finished done = ferry({"export", "books-dev", "-o", "-"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out, content("p.zip"));
  EXPECT_THAT(done.err, HasSubstr("export from books-dev: succeeded in "));
  EXPECT_THAT(done.err, HasSubstr("package: standard output, "));
  EXPECT_FALSE(std::filesystem::exists(path("-")));
  // Behind what stands there already, and into a file of that name where it is meant.
  EXPECT_EQ(shell("echo before >q; ferry export books-dev -o- >>q 2>/dev/null; tail -c +8 q | cmp - p.zip").exit_code,
            0);
  EXPECT_EQ(ferry({"export", "books-dev", "-o", "./-"}).exit_code, 0);
  EXPECT_EQ(content("-"), content("p.zip"));
  EXPECT_EQ(shell("ferry export books-dev -o - >/dev/full").exit_code, 2);
  const Finished both = ferry({"export", "books-dev", "-o", "-", "--json"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("-o - and --json both want standard output"));
}

TEST_F(Ferry, OneStateIsCalledTheSameEverywhere) {
  write("prod.json", R"([{"id":"b8","title":"Red","text":"o"}])");
  ASSERT_EQ(ferry({"export", "books-dev", "-o", "p.zip"}).exit_code, 0);
  const Finished done = ferry({"import", "books-prod", "p.zip", "--on-existing", "replace", "--verbose"});
  EXPECT_EQ(done.exit_code, 1) << done.err;
  const auto runs = parsed(ferry({"runs", "list", "--json"}).out).extract<Poco::JSON::Array::Ptr>();
  const std::string id = runs->getObject(0)->getValue<std::string>("id");
  for (const std::string& text : {done.out, done.err, ferry({"runs", "list"}).out, ferry({"runs", "show", id}).out}) {
    EXPECT_THAT(text, HasSubstr("done in part"));
    EXPECT_THAT(text, Not(HasSubstr("partially_succeeded")));
  }
  EXPECT_THAT(ferry({"runs", "list", "--json"}).out, HasSubstr("\"partially_succeeded\""));
}

TEST_F(Ferry, ListsRunsOfAConnectionThatIsOnlyRecordedOrOnlyConfigured) {
  EXPECT_THAT(ferry({"runs", "list", "--connection", "books-prod"}).out,
              HasSubstr("no runs of books-prod are recorded"));
  ASSERT_EQ(ferry({"export", "books-dev", "-o", "p.zip"}).exit_code, 0);
  std::filesystem::remove(path("ferry.yaml"));
  EXPECT_THAT(ferry({"runs", "list", "--connection", "books-dev"}).out, HasSubstr("export"));
  const Finished misspelt = ferry({"runs", "list", "--connection", "books-dve"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean \"books-dev\"?"));
}

TEST_F(Ferry, TakesTheUrlOfAConnectionFromTheEnvironment) {
  write("ferry.yaml", "connections:\n  books:\n    connector: shelf\n    url: env:BOOKS_URL\n    settings: {file: " +
                          path("dev.json") + "}\n");
  EXPECT_THAT(ferry({"connections", "list"}).out, HasSubstr("env:BOOKS_URL"));
  const Finished unset = ferry({"connections", "check", "books"});
  EXPECT_EQ(unset.exit_code, 2);
  EXPECT_THAT(unset.err,
              HasSubstr("ferry.yaml:4: connections.books.url: the environment variable BOOKS_URL is not set"));
  EXPECT_THAT(shell("export BOOKS_URL=http://books.test:81/; ferry connections list").out,
              HasSubstr("http://books.test:81\n"));
  EXPECT_THAT(shell("export BOOKS_URL=http://books.test:81/; ferry connections check books").out,
              HasSubstr("books can be used: http://books.test:81\n"));
}

TEST_F(Ferry, SaysWhatAConnectionCanBeUsedFor) {
  std::string text = content("ferry.yaml");
  write("ferry.yaml", text + "  readers:\n    connector: shelf\n    url: http://127.0.0.1:9\n    settings: {file: " +
                          path("dev.json") + ", glass: true}\n");
  const Finished done = ferry({"connections", "check", "readers"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("readers can be used for catalog, export only, not for import or as the target of a "
                                  "promotion: http://127.0.0.1:9\n"));
  EXPECT_THAT(done.out, HasSubstr("1 warning:\n"));
}

TEST_F(Ferry, PromotesAndRecordsItsSteps) {
  Finished done = ferry({"promote", "books-dev", "books-prod", "--on-existing", "replace", "--dry-run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, StartsWith("promotion of books-dev to books-prod: succeeded"));
  done = ferry({"promote", "books-dev", "books-prod", "--on-existing", "replace", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Object::Ptr statistics = object(done.out);
  EXPECT_EQ(statistics->getObject("totals")->getValue<int>("added"), 1);
  const std::string id = statistics->getObject("run")->getValue<std::string>("id");

  const Object::Ptr run = object(ferry({"runs", "show", id, "--json", "--items"}).out);
  EXPECT_EQ(run->getValue<std::string>("operation"), "promote");
  EXPECT_EQ(run->getArray("steps")->size(), 4u);
  EXPECT_EQ(run->getArray("items")->size(), 2u) << "those of its import";
  EXPECT_THAT(ferry({"runs", "show", id, "--items"}).out, HasSubstr("modified"));
  done = ferry({"runs", "show", id});
  EXPECT_THAT(done.out, HasSubstr("\nsteps:\nRUN"));
  const std::string import_run = run->getArray("steps")->getObject(3)->getValue<std::string>("id");
  done = ferry({"runs", "show", import_run, "--items"});
  EXPECT_THAT(done.out, HasSubstr("added"));
  EXPECT_EQ(object(ferry({"runs", "show", import_run, "--items", "--json"}).out)->getArray("items")->size(), 2u);
  EXPECT_THAT(ferry({"runs", "list", "--limit", "2"}).out, HasSubstr("RUN"));
  EXPECT_GT(parsed(ferry({"runs", "list", "--json"}).out).extract<Poco::JSON::Array::Ptr>()->size(), 5u);
}

TEST_F(Ferry, RefusesWhatItsPreviewSpeaksAgainst) {
  // Without a policy an item that exists with other content is a reason to stop.
  const std::string before = content("prod.json");
  const Finished done = ferry({"promote", "books-dev", "books-prod"});
  EXPECT_EQ(done.exit_code, 6);
  EXPECT_THAT(done.out, HasSubstr("nothing was changed in books-prod\n"));
  EXPECT_THAT(done.out, HasSubstr("--on-existing replace, or --on-existing skip\n"));
  EXPECT_EQ(content("prod.json"), before);
}

TEST_F(Ferry, AnInterruptCancelsAndTellsWhatWasDone) {
  test::Process process(command({"export", "slow", "-o", "p.zip"}));
  ASSERT_TRUE(process.wait_for([](const Finished& now) { return now.err.find("looking") != std::string::npos; }));
  process.signal(SIGINT);
  const Finished done = process.finish();
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_THAT(done.err, HasSubstr("stopping"));
  EXPECT_THAT(done.out, HasSubstr("export from slow: cancelled after"));
  EXPECT_FALSE(std::filesystem::exists(path("p.zip")));
  EXPECT_THAT(ferry({"runs", "list"}).out, HasSubstr("cancelled"));
}

TEST_F(Ferry, AReaderThatGoesAwayIsNoError) {
  const Finished done = shell("ferry --help | head -1; echo \"${PIPESTATUS[0]}\"");
  EXPECT_THAT(done.out, HasSubstr("\n0\n"));
  EXPECT_EQ(done.err, "");
}

TEST_F(Ferry, AFullDiskUnderStandardOutputIsAnError) {
  const Finished done = shell("ferry connectors list --json >/dev/full");
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, HasSubstr("standard output"));
}

TEST_F(Ferry, WorksWithItsStandardDescriptorsClosed) {
  EXPECT_EQ(shell("ferry export books-dev -o p.zip <&- >&- 2>&-").exit_code, 0);
  EXPECT_EQ(shell("ferry inspect p.zip --json").exit_code, 0);
}

TEST_F(Ferry, UsesColourOnlyWhereItIsWanted) {
  EXPECT_THAT(ferry({"connectors", "list"}).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(ferry({"connectors", "list", "--color", "always"}).out, HasSubstr("\x1b["));
  // On a terminal, made by script(1).
  if (std::system("command -v script >/dev/null") != 0) return;
  const std::string on_a_terminal = "script -qec '" FERRY_BINARY_DIR "/bin/ferry connectors list' /dev/null";
  EXPECT_THAT(shell("TERM=xterm " + on_a_terminal).out, HasSubstr("\x1b["));
  EXPECT_THAT(shell("TERM=xterm NO_COLOR=1 " + on_a_terminal).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(shell("TERM=dumb " + on_a_terminal).out, Not(HasSubstr("\x1b[")));
}

TEST_F(Ferry, OffersNamesToACompletion) {
  EXPECT_EQ(ferry({"__complete", "connections"}).out, "books-dev\nbooks-prod\nlocked\nfallen\nslow\n");
  EXPECT_EQ(ferry({"__complete", "connectors"}).out, "shelf\n");
}

TEST_F(Ferry, LogsAsJsonWhereAsked) {
  const Finished done = ferry({"connections", "check", "locked", "--log-format", "json"});
  const std::size_t last = done.err.rfind('\n', done.err.size() - 2);
  const Object::Ptr line = object(done.err.substr(last == std::string::npos ? 0 : last + 1));
  EXPECT_EQ(line->getValue<std::string>("fault"), "credentials");
}

}  // namespace
}  // namespace ferry::host
