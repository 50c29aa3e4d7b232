#include "samples/sandbox/core/options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/core/files.hpp"
#include "samples/sandbox/core/platforms.hpp"

namespace sandbox {

namespace {

template <typename Number>
Number number_of(const std::string& option, const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) throw BadRequest{option + " takes a number, not \"" + text + "\"."};
  return number;
}

std::vector<std::string> names_of(const std::string& option, const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, end - at);
    const bool is_good = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::islower(c) || std::isdigit(c) || c == '_';
    });
    if (!is_good) throw BadRequest{option + " takes names of lower-case letters, digits and _ between commas."};
    names.push_back(name);
    at = end + 1;
  }
  return names;
}

void require_platform(const std::string& name) {
  for (const Platform& platform : platforms()) {
    if (platform.name == name) return;
  }
  std::string known;
  for (const Platform& platform : platforms()) known += (known.empty() ? "" : ", ") + platform.name;
  throw BadRequest{"There is no platform \"" + name + "\": there are " + known + "."};
}

// "spark.dev.job_ms=5"
void read_knob(const std::string& text, Options& options) {
  const std::size_t equals = text.find('=');
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string::npos ? first : text.find('.', first + 1);
  if (equals == std::string::npos || second == std::string::npos || second > equals) {
    throw BadRequest{"--option takes PLATFORM.ENVIRONMENT.NAME=VALUE, e.g. \"spark.*.job_ms=50\", not \"" + text +
                     "\"."};
  }
  require_platform(text.substr(0, first));
  options.knobs[text.substr(0, equals)] = text.substr(equals + 1);
}

void read_environment(const std::string& key, const json::Object& members, Options& options) {
  if (!members) throw BadRequest{"\"" + key + "\" is no object with \"options\" and \"faults\"."};
  for (const std::string& name : members->getNames()) {
    if (name == "options") {
      const json::Object knobs = json::child(members, name);
      if (!knobs) throw BadRequest{"\"options\" of \"" + key + "\" is no object."};
      for (const std::string& knob : knobs->getNames()) {
        options.knobs.emplace(key + '.' + knob, knobs->get(knob).convert<std::string>());
      }
    } else if (name == "faults") {
      for (const json::Value& fault : json::elements(members, name)) {
        options.faults[key].push_back(sandbox::faults_of(json::as_object(fault)));
      }
    } else {
      throw BadRequest{"\"" + key + "\" has a member \"" + name + "\": known are \"options\" and \"faults\"."};
    }
  }
}

// {"spark": {"*": {"options": {"job_ms": 50}}, "dev": {"faults": [{"status": 503, "count": 1}]}}}
void read_configuration(const std::string& file, Options& options) {
  try {
    const json::Object platforms = json::parse_object(read_file(file));
    for (const std::string& platform : platforms->getNames()) {
      require_platform(platform);
      const json::Object environments = json::child(platforms, platform);
      if (!environments) throw BadRequest{"\"" + platform + "\" is no object of environments."};
      for (const std::string& environment : environments->getNames()) {
        read_environment(platform + '.' + environment, json::child(environments, environment), options);
      }
    }
  } catch (const BadRequest& failure) {
    throw BadRequest{file + ": " + failure.message};
  }
}

}  // namespace

std::map<std::string, std::string> Options::knobs_of(const std::string& platform,
                                                     const std::string& environment) const {
  std::map<std::string, std::string> found;
  for (const std::string& scope : {platform + '.' + environment + '.', platform + ".*."}) {
    for (const auto& [name, value] : knobs) {
      if (name.starts_with(scope)) found.emplace(name.substr(scope.size()), value);
    }
  }
  return found;
}

std::vector<Faults> Options::faults_of(const std::string& platform, const std::string& environment) const {
  std::vector<Faults> found;
  for (const std::string& scope : {platform + '.' + environment, platform + ".*"}) {
    if (const auto at = faults.find(scope); at != faults.end()) {
      found.insert(found.end(), at->second.begin(), at->second.end());
    }
  }
  return found;
}

Options parse_command_line(const std::vector<std::string>& arguments) {
  Options options;
  std::string configuration;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    std::string option = arguments[at];
    std::optional<std::string> attached;
    if (const std::size_t equals = option.find('='); option.starts_with("--") && equals != std::string::npos) {
      attached = option.substr(equals + 1);
      option.resize(equals);
    }
    const auto value = [&]() -> std::string {
      if (attached) return *attached;
      if (at + 1 == arguments.size()) throw BadRequest{option + " takes a value: see ferry-sandbox --help."};
      return arguments[++at];
    };
    const auto flag = [&] {
      if (attached) throw BadRequest{option + " takes no value."};
      return true;
    };
    if (option == "--help" || option == "-h") {
      options.help = flag();
    } else if (option == "--host") {
      options.host = value();
    } else if (option == "--port") {
      options.port = number_of<std::uint16_t>(option, value());
    } else if (option == "--tls") {
      options.tls = flag();
    } else if (option == "--certificate") {
      options.certificate = value();
    } else if (option == "--seed") {
      options.seed = number_of<std::uint64_t>(option, value());
    } else if (option == "--environments") {
      options.environments = names_of(option, value());
    } else if (option == "--platforms") {
      options.platforms = names_of(option, value());
      for (const std::string& name : options.platforms) require_platform(name);
    } else if (option == "--state") {
      options.state = value();
    } else if (option == "--config") {
      configuration = value();
    } else if (option == "--option") {
      read_knob(value(), options);
    } else if (option == "--ready-file") {
      options.ready_file = value();
    } else if (option == "--env-file") {
      options.env_file = value();
    } else if (option == "--until-stdin-closes") {
      options.until_stdin_closes = flag();
    } else {
      throw BadRequest{"There is no option " + option + ": see ferry-sandbox --help."};
    }
  }
  // After the command line, which wins.
  if (!configuration.empty()) read_configuration(configuration, options);
  return options;
}

}  // namespace sandbox
