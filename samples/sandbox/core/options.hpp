// What the command line and the configuration file ask of the sandbox. Wrong ones are BadRequest, said so that the next
// try is right.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8800;  // the admin's; the environments' follow. 0: free ones
  bool tls = false;
  std::filesystem::path certificate = "ferry-sandbox.pem";
  std::uint64_t seed = 1;
  std::vector<std::string> environments = {"dev", "test", "prod"};
  std::vector<std::string> platforms;  // empty: all
  std::filesystem::path state, ready_file, env_file;
  bool until_stdin_closes = false, help = false;
  // Of one environment: "spark.dev.job_ms"; of all of a platform's: "spark.*.job_ms".
  std::map<std::string, std::string> knobs;
  std::map<std::string, std::vector<Faults>> faults;  // by "spark.dev" or "spark.*"

  std::map<std::string, std::string> knobs_of(const std::string& platform, const std::string& environment) const;
  std::vector<Faults> faults_of(const std::string& platform, const std::string& environment) const;
};

Options parse_command_line(const std::vector<std::string>& arguments);

}  // namespace sandbox
