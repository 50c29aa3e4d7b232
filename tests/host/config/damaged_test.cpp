// Whatever happens to a file: it is read or refused with a Failure, soon.
#include <gtest/gtest.h>

#include <random>

#include "host/config/config_reader.hpp"
#include "host/config/yaml_tree.hpp"
#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

const std::string whole = R"(stages: [dev, qa, prod]
defaults: {on_existing: replace, timeout: 2m, attempts: 3, sync: {every: daily, max_failed: 10%}}
destinations:
  warehouse: {sqlite: w.db, undo: {keep: 7d, max: 1GiB}, unions: {all: [flows-dev.A, flows-dev.B]}}
  lake: {postgresql: "host=h password_file='a b'", schema: ferry}
connections:
  flows-dev: &dev
    connector: node-red
    url: http://127.0.0.1:1880
    stage: dev
    secrets: {password: env:NODE_RED_PASSWORD, key: "file:/etc/key"}
    tls: {ca_file: ca.pem, verify: false}
    settings: {n: [1.5, 0x1F, null], text: 'x', t: [&b a, *b]}
    sync:
      to: warehouse
      every: cron "*/5 8-18 1,15 jan-jun mon"
      options: {a: 1}
      models: {A: {every: 15m, from: 2023-01-01, max_record: 8MiB, overlap: 10m, removals: delete}}
  flows-test: *dev
)";

// True if it was taken.
bool read(const std::string& text) {
  try {
    read_config(parse_yaml(text, "ferry.yaml"), "ferry.yaml");
    return true;
  } catch (const Failure& e) {
    EXPECT_EQ(e.fault(), Fault::usage);
    EXPECT_NE(e.message().find("ferry.yaml"), std::string::npos);
    return false;
  }
}

TEST(DamagedConfigTest, CutAnywhere) {
  EXPECT_TRUE(read(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) read(whole.substr(0, size));
}

TEST(DamagedConfigTest, AnyCharacterAnywhere) {
  std::mt19937 random(1);
  const std::string characters = "{}[]:,-&*!|>'\"%@`#\n\t ?\\.01e+x\xff~<";
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (std::size_t changes = random() % 3 + 1; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char c = characters[random() % characters.size()];
      if (random() % 2 == 0)
        text[at] = c;
      else
        text.insert(at, random() % 20, c);
    }
    read(text);
  }
}

}  // namespace
}  // namespace ferry::host
