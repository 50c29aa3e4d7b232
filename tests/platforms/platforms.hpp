// One sandbox for all tests of a program, samples/ferry.yaml as their configuration, a state directory a test.
#pragma once

#include <filesystem>

#include "tests/journeys/journey.hpp"
#include "tests/support/sandbox/sandbox.hpp"

namespace ferry::test {

class Platforms : public Journey {
 protected:
  static void SetUpTestSuite() { play({}); }
  static void play(Words options) {
    folder_ = std::make_unique<host::TemporaryDirectory>(std::filesystem::path(::testing::TempDir()));
    options.insert(options.end(), {"--option", "spark.*.job_ms=60", "--option", "dev2prod.*.job_ms=60"});
    sandbox_ = std::make_unique<Sandbox>(folder_->path(), options);
  }
  static void TearDownTestSuite() {
    sandbox_.reset();
    folder_.reset();
  }

  void SetUp() override {
    for (const char* platform : {"spark", "smartiq", "dev2prod", "integration_labs"})
      for (const char* name : {"dev", "test"}) sandbox_->reset(std::string(platform) + "/" + name);
  }

  Command platform_command(Words words) const {
    Command made = command(std::move(words));
    made.environment.insert(sandbox_->environment().begin(), sandbox_->environment().end());
    made.environment["FERRY_CONFIG"] = FERRY_SOURCE_DIR "/samples/ferry.yaml";
    return made;
  }
  Finished on_platforms(Words words) const { return run(platform_command(std::move(words))); }
  Json document(Words words, int exit_code = succeeded) const {
    words.push_back("--json");
    const Finished done = on_platforms(std::move(words));
    EXPECT_EQ(done.exit_code, exit_code) << done.err << done.out;
    expect_valid_statistics(done.out);
    return Json::parse(done.out);
  }

  static std::unique_ptr<host::TemporaryDirectory> folder_;
  static std::unique_ptr<Sandbox> sandbox_;
};

}  // namespace ferry::test
