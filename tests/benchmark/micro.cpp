// The loops that the rest stands on, by Google Benchmark: hashing, JSON, checking records.
#include <benchmark/benchmark.h>

#include <string>

#include "ferry/canonical.hpp"
#include "ferry/json.hpp"
#include "ferry/sha256.hpp"
#include "host/records/json_lines.hpp"

namespace {

std::string flows_text(int nodes) {
  std::string out = "[";
  for (int i = 0; i < nodes; ++i)
    out +=
        (i == 0 ? "" : ",") + std::string(R"({"id":"n)") + std::to_string(i) +
        R"(","type":"change","z":"tab","name":"Step","rules":[{"t":"set","p":"payload","pt":"msg","to":"x","tot":"str"}],)"
        R"("action":"","property":"","from":"","to":"","reg":false,"x":140,"y":80.5,"wires":[["n1","n2"]]})";
  return out + "]";
}

void of_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void sha256(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(ferry::sha256_hex(text));
  of_bytes(state, text.size());
}
BENCHMARK(sha256)->Arg(500)->Arg(1 << 20);

void sha256_portable(benchmark::State& state) {
  const std::string text(1 << 20, 'x');
  ferry::detail::Sha256Portable::State hash{};
  for (auto _ : state)
    ferry::detail::Sha256Portable::compress(hash, reinterpret_cast<const std::uint8_t*>(text.data()), text.size() / 64);
  of_bytes(state, text.size());
}
BENCHMARK(sha256_portable);

void json_parse(benchmark::State& state) {
  const std::string text = flows_text(5000);
  for (auto _ : state) benchmark::DoNotOptimize(ferry::Json::parse(text));
  of_bytes(state, text.size());
}
BENCHMARK(json_parse);

void json_dump(benchmark::State& state) {
  const std::string text = flows_text(5000);
  const ferry::Json json = ferry::Json::parse(text);
  for (auto _ : state) benchmark::DoNotOptimize(json.dump());
  of_bytes(state, text.size());
}
BENCHMARK(json_dump);

void content_hash(benchmark::State& state) {
  const std::string text = flows_text(5000);
  const ferry::Json json = ferry::Json::parse(text);
  for (auto _ : state)
    for (const ferry::Json& node : json.items()) benchmark::DoNotOptimize(ferry::content_hash(node));
  of_bytes(state, text.size());
}
BENCHMARK(content_hash);

void check_records(benchmark::State& state) {
  std::string lines;
  std::uint64_t count = 0;
  for (; lines.size() < 64 * 1024; ++count)
    lines += R"({"id":4711,"name":"An invoice","amount":1234.56,"note":")" + std::string(393, 'n') + "\"}\n";
  for (auto _ : state) ferry::host::check_json_lines(lines, count);
  of_bytes(state, lines.size());
  state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
}
BENCHMARK(check_records);

}  // namespace

BENCHMARK_MAIN();
