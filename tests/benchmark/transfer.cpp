// A package on its way through ferry: download, hash, spool, upload, against curl doing the same download and upload.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "tests/benchmark/benchmarks.hpp"
#include "tests/benchmark/package_server.hpp"
#include "tests/benchmark/run_operation.hpp"

namespace ferry::benchmark {
namespace {

constexpr const char* connector = FERRY_BINARY_DIR "/benchmark-connectors/ferry_benchmark_connector";
constexpr std::uint64_t most_memory_kib = 64 * 1024;

std::string speed_text(std::uint64_t bytes, Cost cost) {
  char text[80];
  std::snprintf(text, sizeof text, "%.0f MB/s (cpu %.2f s/GB)", static_cast<double>(bytes) / cost.wall / 1e6,
                cost.cpu / (static_cast<double>(bytes) / 1e9));
  return text;
}

std::string size_text(std::uint64_t bytes) {
  return bytes >> 30 != 0 ? std::to_string(bytes >> 30) + " GiB" : std::to_string(bytes >> 20) + " MiB";
}

// What an export and an import do to their package, in a worker.
void compare(const Settings& settings, Results& results, std::uint64_t size, int rounds) {
  const PackageServer server(size);
  const std::string url = server.url() + "/package";
  const std::string theirs = settings.directory / "curl.package", ours = settings.directory / "ferry.package";
  const Operation download(connector, "export", server.url()), upload(connector, "import", server.url());
  std::string hash;
  const auto ferry_downloads = [&] {
    const host::UniqueFd package = host::open_file(ours, O_RDWR | O_CREAT | O_TRUNC);
    Listener listener;
    const auto facts = download.run(listener, package.get()).package;
    if (!facts || facts->size != size) throw std::runtime_error("the package did not arrive whole");
    hash = facts->sha256;
  };
  const auto ferry_uploads = [&] {
    const host::UniqueFd package = host::open_file(ours, O_RDONLY);
    Listener listener;
    upload.run(listener, package.get());
  };
  const auto curl_downloads = [&] {
    std::filesystem::remove(theirs);
    run({"curl", "-sf", "-o", theirs, url});
  };
  // Without "Expect: 100-continue", for whose answer curl would wait a second.
  const auto curl_uploads = [&] { run({"curl", "-sf", "-H", "Expect:", "-o", "/dev/null", "-T", theirs, url}); };
  const auto hashes = [&] { run({"sha256sum", theirs}); };
  const std::vector<Cost> best =
      best_of(rounds, {curl_downloads, ferry_downloads, curl_uploads, ferry_uploads, hashes});
  if (output_of({"sha256sum", ours}).substr(0, 64) != hash) throw std::runtime_error("the package has another hash");

  const std::string of = ", " + size_text(size);
  results.note("curl downloads" + of, speed_text(size, best[0]));
  results.note("curl downloads, then sha256sum" + of,
               speed_text(size, {best[0].wall + best[4].wall, best[0].cpu + best[4].cpu}));
  results.note("ferry downloads, hashes, spools" + of, speed_text(size, best[1]));
  results.note("curl uploads" + of, speed_text(size, best[2]));
  results.note("ferry uploads" + of, speed_text(size, best[3]));
  const double ratio = (best[0].wall + best[2].wall) / (best[1].wall + best[3].wall);
  const double hashed = (best[0].wall + best[2].wall + best[4].wall) / (best[1].wall + best[3].wall);
  char text[80];
  std::snprintf(text, sizeof text, "%.2f x (%.2f x of curl and sha256sum)", ratio, hashed);
  results.add_time("ferry's speed as a multiple of curl's, both ways" + of, text, ">= 0.9 x", ratio >= 0.9);
}

void pass_through(const Settings& settings, Results& results, std::uint64_t size) {
  const PackageServer server(size);
  const std::string config = settings.directory / "ferry.yaml", file = settings.directory / "exported.package";
  std::ofstream(config) << "connections:\n  one:\n    connector: ferry-benchmark\n    url: " << server.url() << "\n";
  const auto ferry = [&](std::vector<std::string> words) {
    std::vector<std::string> command = {
        FERRY_BINARY_DIR "/bin/ferry", "--quiet",          "--config", config, "--state-dir",
        settings.directory / "state",  "--connector-path", connector};
    command.insert(command.end(), words.begin(), words.end());
    Peak peak;
    run(command, &peak);
    return peak;
  };
  const auto add = [&](const char* what, const Peak& peak) {
    char text[80];
    std::snprintf(text, sizeof text, "host %.1f MiB, worker %.1f MiB", static_cast<double>(peak.host_kib) / 1024,
                  static_cast<double>(peak.worker_kib) / 1024);
    results.add(std::string("peak memory, ferry ") + what + ", " + size_text(size), text, "<= 64 MiB each",
                std::max(peak.host_kib, peak.worker_kib) <= most_memory_kib && peak.worker_kib > 0);
  };
  add("export", ferry({"export", "one", "-o", file}));
  if (std::filesystem::file_size(file) != size) throw std::runtime_error("the export is not whole");
  add("import", ferry({"import", "one", file, "--no-backup"}));
}

}  // namespace

void transfer(const Settings& settings, Results& results) {
  if (settings.quick) return compare(settings, results, 8u << 20, 1);
  compare(settings, results, 200u << 20, 6);
  compare(settings, results, std::uint64_t{2} << 30, 2);
}

void memory(const Settings& settings, Results& results) {
  pass_through(settings, results, settings.quick ? 160u << 20 : std::uint64_t{2} << 30);
}

}  // namespace ferry::benchmark
