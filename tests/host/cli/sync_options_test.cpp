#include "host/cli/sync_options.hpp"

#include <gmock/gmock.h>

#include "host/base/failure.hpp"
#include "host/cli/help.hpp"
#include "tests/host/cli/files_for_test.hpp"

namespace ferry::host {
namespace {

using testing::HasSubstr;

CommandLine sync_line(std::vector<std::string> options) {
  options.insert(options.begin(), {"sync", "books"});
  return CommandLine::parse(options);
}

SyncRequest request_of(std::vector<std::string> options) {
  return sync_request(sync_line(std::move(options)), "books");
}

std::string refused(std::vector<std::string> options) {
  try {
    request_of(std::move(options));
    return "accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.fault(), Fault::usage);
    return failure.code() + ": " + failure.message();
  }
}

TEST(SyncOptions, ReadsModelsWithAndWithoutADate) {
  const SyncRequest request = request_of({"--model", "INVOICES=2023-01-01", "--model", "CONTACTS"});
  ASSERT_EQ(request.models.size(), 2u);
  EXPECT_EQ(request.models[0].name, "INVOICES");
  EXPECT_EQ(request.models[0].from, "2023-01-01");
  EXPECT_EQ(request.models[1].name, "CONTACTS");
  EXPECT_EQ(request.models[1].from, "");
}

TEST(SyncOptions, TakesAModelThatIsNamedTwiceOnce) {
  const SyncRequest request = request_of({"--model", "INVOICES", "--model", "CONTACTS=2023-01-01", "--model",
                                          "INVOICES", "--model", "CONTACTS=2023-01-01"});
  ASSERT_EQ(request.models.size(), 2u);
  EXPECT_EQ(request.models[1].name, "CONTACTS");
  EXPECT_THAT(model_names(sync_line({"--model", "INVOICES", "--model", "CONTACTS", "--model", "INVOICES"})),
              testing::ElementsAre("INVOICES", "CONTACTS"));
  EXPECT_EQ(refused({"--model", "INVOICES=2023-01-01", "--model", "INVOICES=2024-01-01"}),
            "bad_model: --model INVOICES=2023-01-01 and --model INVOICES=2024-01-01 exclude each other: a model is "
            "read once, choose one");
  EXPECT_THAT(refused({"--model", "INVOICES", "--model", "INVOICES=2024-01-01"}), HasSubstr("bad_model"));
}

TEST(SyncOptions, ADateIsForWhatIsNewOnly) {
  EXPECT_EQ(request_of({"--model", "INVOICES=2023-01-01", "--mode", "incremental"}).models.size(), 1u);
  EXPECT_EQ(refused({"--model", "CONTACTS", "--model", "INVOICES=2023-01-01", "--full"}),
            "bad_option: --full and --model INVOICES=2023-01-01 exclude each other: --full reads all records, a date "
            "only what is new from then on; leave out --full or the date");
  EXPECT_THAT(refused({"--model", "INVOICES=2023-01-01", "--mode", "full"}), HasSubstr("bad_option"));
  EXPECT_THAT(refused({"--model", "INVOICES=2023-01-01", "--sweep"}), HasSubstr("leave out --sweep or the date"));
}

TEST(SyncOptions, ReadsTheModeInEitherForm) {
  EXPECT_EQ(request_of({}).mode, SyncMode::incremental);
  EXPECT_EQ(request_of({"--mode", "incremental"}).mode, SyncMode::incremental);
  EXPECT_EQ(request_of({"--mode", "full"}).mode, SyncMode::full);
  EXPECT_EQ(request_of({"--full"}).mode, SyncMode::full);
  EXPECT_EQ(request_of({"--full", "--mode", "full"}).mode, SyncMode::full);
  EXPECT_EQ(request_of({"--sweep"}).mode, SyncMode::sweep);
  EXPECT_THAT(refused({"--full", "--sweep"}), HasSubstr("exclude each other"));
  EXPECT_THAT(refused({"--full", "--mode", "incremental"}), HasSubstr("exclude each other"));
  EXPECT_THAT(refused({"--sweep", "--mode", "full"}), HasSubstr("exclude each other"));
}

TEST(SyncOptions, ReadsLimitsAsNumbersAndShares) {
  const SyncRequest request = request_of({"--max-removed", "0", "--max-changed", "12.5%", "--due", "--dry-run"});
  EXPECT_EQ(request.limits.removed->text(), "0");
  EXPECT_EQ(request.limits.changed->text(), "12.5%");
  EXPECT_FALSE(request.limits.failed);
  EXPECT_TRUE(request.only_due);
  EXPECT_TRUE(request.preview);
}

TEST(SyncOptions, RefusesWhatMeansNothing) {
  EXPECT_THAT(refused({"--model", "INVOICES=2023-02-30"}),
              HasSubstr("bad_date: --model INVOICES=2023-02-30: the date"));
  EXPECT_THAT(refused({"--model", "INVOICES="}), HasSubstr("bad_date"));
  EXPECT_THAT(refused({"--model", "=2023-01-01"}), HasSubstr("bad_model"));
  EXPECT_THAT(refused({"--max-removed", "-1"}), HasSubstr("bad_limit: --max-removed wants a number from 0 on"));
  EXPECT_THAT(refused({"--max-changed", "101%"}), HasSubstr("bad_limit"));
  EXPECT_THAT(refused({"--max-failed", "few"}), HasSubstr("not \"few\""));
}

TEST(SyncOptions, TheHelpTellsEveryLineThatAPipeGets) {
  const std::string help = help_text(*sync_line({}).command);
  std::string words;
  for (const char c : help)
    if (c != '\n' && (c != ' ' || (!words.empty() && words.back() != ' ')))
      words += c;
    else if (!words.empty() && words.back() != ' ')
      words += ' ';
  EXPECT_THAT(words, HasSubstr("{\"model\", \"checkpoint\"}"));
  EXPECT_THAT(words, HasSubstr("jq -c 'select(.record)'"));
  EXPECT_THAT(words, HasSubstr("--to FILE.ndjson appends"));
}

class ChosenDestination : public testing::Test {
 protected:
  Config config(const std::string& sync) const {
    return Config::load(files_.write("ferry.yaml",
                                     "destinations:\n  warehouse: {sqlite: w.db}\nconnections:\n  books:\n"
                                     "    connector: any\n    url: http://127.0.0.1:1\n" +
                                         sync));
  }
  TestFiles files_;
};

TEST_F(ChosenDestination, IsThatOfTheLineElseOfTheConnection) {
  const Config with = config("    sync: {to: warehouse}\n");
  EXPECT_EQ(chosen_destination(sync_line({}), with, with.connection("books")).file, files_.path("w.db"));
  const DestinationConfig other = chosen_destination(sync_line({"--to", "x.db"}), with, with.connection("books"));
  EXPECT_EQ(other.name, "x.db");
  EXPECT_EQ(other.file, std::filesystem::absolute("x.db"));
  EXPECT_EQ(chosen_destination(sync_line({"--to", "-"}), with, with.connection("books")).file, "-");
}

TEST_F(ChosenDestination, IsAskedForWhereNothingNamesOne) {
  const Config without =
      Config::load(files_.write("two.yaml",
                                "destinations:\n  warehouse: {sqlite: w.db}\n  lake: {sqlite: l.db}\n"
                                "connections:\n  books:\n    connector: any\n"
                                "    url: http://127.0.0.1:1\n"));
  try {
    chosen_destination(sync_line({}), without, without.connection("books"));
    FAIL() << "was chosen";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "no_destination");
    EXPECT_THAT(failure.message(), HasSubstr("--to warehouse.db"));
  }
}

TEST_F(ChosenDestination, NeedsItsFolder) {
  const Config with = config("");
  const auto place = [&](const std::string& to) {
    return chosen_destination(sync_line({"--to", to}), with, with.connection("books"));
  };
  for (const char* file : {"no/such/w.db", "no/such/w.ndjson"}) try {
      check_folder(place(files_.path(file)));
      FAIL() << "was accepted";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "no_folder");
      EXPECT_EQ(failure.message(), "the destination " + files_.path(file).string() + ": there is no folder " +
                                       files_.path("no/such").string() +
                                       "; make it with mkdir -p, or name another file");
    }
  EXPECT_NO_THROW(check_folder(place(files_.path("w.db"))));
  EXPECT_NO_THROW(check_folder(place("-")));
  EXPECT_NO_THROW(check_folder(place("postgresql://h/d")));
}

TEST_F(ChosenDestination, LinesAreComparedWithNothing) {
  const Config with = config("");
  const DestinationConfig lines = chosen_destination(sync_line({"--to", "r.ndjson"}), with, with.connection("books"));
  EXPECT_NO_THROW(check_lines(request_of({"--full"}), lines));
  for (const char* option : {"--max-removed", "--max-changed", "--max-failed"})
    EXPECT_THROW(check_lines(request_of({option, "1"}), lines), Failure);
  EXPECT_THROW(check_lines(request_of({"--due"}), lines), Failure);
  EXPECT_NO_THROW(check_lines(request_of({"--due"}), with.destination("warehouse")));
}

}  // namespace
}  // namespace ferry::host
