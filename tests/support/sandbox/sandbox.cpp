#include "tests/support/sandbox/sandbox.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace ferry::test {

Sandbox::Sandbox(const std::string& folder, std::vector<std::string> options) {
  const std::string file = folder + "/sandbox.env", ready = folder + "/sandbox.json";
  Command command;
  command.arguments = {FERRY_BINARY_DIR "/bin/ferry-sandbox", "--port", "0", "--env-file", file, "--ready-file", ready};
  command.arguments.insert(command.arguments.end(), options.begin(), options.end());
  command.directory = folder;
  command.deadline = std::chrono::hours(1);
  process_ = std::make_unique<Process>(command);
  if (!eventually([&] { return std::filesystem::exists(ready); }))
    throw std::runtime_error("the sandbox did not come up");

  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    std::string value = line.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '\'') value = value.substr(1, value.size() - 2);
    environment_[line.substr(0, equals)] = value;
  }
  for (const char* secret : {"SMARTIQ_PASSWORD", "DEV2PROD_PASSWORD", "SPARK_CLIENT_SECRET", "INTEGRATION_LABS_KEY"})
    environment_[secret] = "sandbox";
}

std::string Sandbox::admin(const std::string& method, const std::string& path, const std::string& body) const {
  Command command;
  command.arguments = {"curl", "--silent", "--show-error", "--fail-with-body",     "--noproxy", "*", "-X",
                       method, "--data",   body,           url("ADMIN_URL") + path};
  if (const auto certificate = environment_.find("CERTIFICATE_FILE"); certificate != environment_.end())
    command.arguments.insert(command.arguments.end(), {"--cacert", certificate->second});
  const Finished done = run(command);
  if (done.exit_code != 0) throw std::runtime_error(method + " " + path + ": " + done.err + done.out);
  return done.out;
}

void Sandbox::faults(const std::string& environment, const std::string& json) const {
  admin("PUT", "/environments/" + environment + "/faults", json);
}

bool Sandbox::faults_spent(const std::string& environment) const {
  const Json left = Json::parse(admin("GET", "/environments/" + environment + "/faults"));
  return std::none_of(left.items().begin(), left.items().end(),
                      [](const Json& each) { return each["count"].as_int() > 0; });
}

void Sandbox::reset(const std::string& environment) const { admin("POST", "/environments/" + environment + "/reset"); }

Json Sandbox::counters(const std::string& environment) const {
  return Json::parse(admin("GET", "/environments/" + environment + "/counters"));
}

std::int64_t Sandbox::counter(const std::string& environment, const std::string& name) const {
  const Json all = counters(environment);
  const Json* found = all.find(name);
  return found == nullptr ? 0 : found->as_int();
}

}  // namespace ferry::test
