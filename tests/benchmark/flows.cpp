// 5,000 flows of 20 nodes on a real Node-RED: export, preview and import of a change of 1 %, against the bare requests.
#include <algorithm>
#include <fstream>

#include "host/base/files.hpp"
#include "tests/benchmark/benchmarks.hpp"
#include "tests/support/node_red/node_red_server.hpp"

namespace ferry::benchmark {
namespace {

std::string hex(int value) {
  char text[24];
  std::snprintf(text, sizeof text, "%016x", static_cast<unsigned>(value));
  return text;
}

// The list of nodes; every `changed_every`th flow has another text in one node (0: none has).
std::string flows_json(int flows, int nodes, int changed_every) {
  std::string out = "[";
  for (int flow = 0; flow < flows; ++flow) {
    const std::string tab = hex(1'000'000 + flow);
    out += (flow == 0 ? "" : ",") + std::string(R"({"id":")") + tab + R"(","type":"tab","label":"Flow )" +
           std::to_string(flow) + R"(","disabled":false,"info":"What this flow is for","env":[]})";
    for (int node = 0; node < nodes; ++node) {
      const int id = 10'000'000 + flow * nodes + node;
      const bool changed = changed_every != 0 && flow % changed_every == 0 && node == 0;
      out += R"(,{"id":")" + hex(id) + R"(","type":"change","z":")" + tab + R"(","name":"Step )" +
             std::to_string(node) + R"(","rules":[{"t":"set","p":"payload","pt":"msg","to":")" +
             (changed ? "changed" : "as it was") +
             R"(","tot":"str"}],"action":"","property":"","from":"","to":"","reg":false,"x":)" +
             std::to_string(100 + 150 * (node % 5)) + R"(,"y":)" + std::to_string(80 + 60 * (node / 5)) +
             R"(,"wires":[[)" + (node + 1 < nodes ? "\"" + hex(id + 1) + "\"" : "") + "]]}";
    }
  }
  return out + "]";
}

}  // namespace

void flows(const Settings& settings, Results& results) {
  const int count = settings.quick ? 100 : 5000, rounds = settings.quick ? 1 : 7;
  testing::NodeRedServer server;
  server.set_flows(flows_json(count, 20, 0));
  const std::string changed = settings.directory / "changed.json", package = settings.directory / "flows.zip";
  std::ofstream(changed) << R"({"flows":)" << flows_json(count, 20, 100) << "}";
  const std::string config = settings.directory / "ferry.yaml";
  std::ofstream(config) << "connections:\n  one:\n    connector: node-red\n    url: " << server.url() << "\n";
  const auto ferry = [&](std::vector<std::string> words) {
    std::vector<std::string> command = {FERRY_BINARY_DIR "/bin/ferry",
                                        "--quiet",
                                        "--config",
                                        config,
                                        "--state-dir",
                                        settings.directory / "state",
                                        "--connector-path",
                                        FERRY_BINARY_DIR "/connectors/node_red"};
    command.insert(command.end(), words.begin(), words.end());
    run(command);
  };
  const auto get = [&] {
    run({"curl", "-sf", "-o", settings.directory / "got.json", "-H", "Node-RED-API-Version: v2",
         server.url() + "/flows"});
  };
  const auto deploy_change = [&] {
    run({"curl", "-sf", "-o", "/dev/null", "-H", "Expect:", "-H", "Content-Type: application/json", "-H",
         "Node-RED-API-Version: v2", "-H", "Node-RED-Deployment-Type: flows", "--data-binary", "@" + changed,
         server.url() + "/flows"});
    server.wait_until_started();
  };
  const auto import = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"import", "one", package, "--on-existing", "replace"});
    ferry(options);
  };

  const auto reading = best_of(rounds, {get, [&] { ferry({"export", "one", "-o", package}); }});
  // A deployment takes Node-RED a minute or more at this size, so each is measured once. Each import puts back what the
  // bare POST before it has changed: both deploy the same hundredth part.
  Cost post = cost_of(deploy_change);
  const auto previewing = best_of(rounds, {get, [&] { import({"--dry-run"}); }});
  const Cost without_backup = cost_of([&] {
    import({"--no-backup"});
    server.wait_until_started();
  });
  post.wall = std::min(post.wall, cost_of(deploy_change).wall);
  const Cost with_backup = cost_of([&] {
    import({});
    server.wait_until_started();
  });

  const double bare_get = std::min(reading[0].wall, previewing[0].wall);
  results.note("GET /flows by curl, " + std::to_string(count) + " flows", milliseconds_text(reading[0]));
  results.note("POST /flows by curl, 1 % changed", milliseconds_text(post));
  const auto add = [&](const std::string& figure, Cost cost, double bare, const std::string& of) {
    char measured[80];
    std::snprintf(measured, sizeof measured, "%.2f x = %.0f ms (cpu %.0f ms)", cost.wall / bare, cost.wall * 1e3,
                  cost.cpu * 1e3);
    results.add_time(figure, measured, "<= 2 x " + of, cost.wall <= 2 * bare);
  };
  add("ferry export", reading[1], bare_get, "GET");
  add("ferry import --dry-run", previewing[1], bare_get, "GET");
  add("ferry import --no-backup", without_backup, bare_get + post.wall, "(GET + POST)");
  add("ferry import", with_backup, 2 * bare_get + post.wall, "(GET + GET + POST)");
}

}  // namespace ferry::benchmark
