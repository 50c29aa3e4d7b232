#include "samples/sandbox/core/server.hpp"

#include <Poco/Net/NetSSL.h>
#include <Poco/Timestamp.h>
#include <unistd.h>

#include <algorithm>

#include "samples/sandbox/core/certificate.hpp"
#include "samples/sandbox/core/files.hpp"
#include "samples/sandbox/core/platforms.hpp"

namespace sandbox {

// A port of a platform: its own environment, and the others of the same platform where the request names their tenant.
class Server::Host : public Handler {
 public:
  Host(const Platform& platform, Site& own, std::vector<Site*> all)
      : platform_(platform), own_(own), all_(std::move(all)) {}

  Answer answer(const Request& request) override { return site(request).answer(request); }
  std::optional<Faults> fault(const Request& request) override { return site(request).fault(request); }
  void answered(const Request& request, int status) override { site(request).answered(request, status); }

 private:
  Site& site(const Request& request) const {
    const std::string tenant = platform_.named_tenant(request);
    const auto found =
        std::find_if(all_.begin(), all_.end(), [&](const Site* each) { return each->settings().tenant == tenant; });
    return found == all_.end() ? own_ : **found;
  }

  const Platform& platform_;
  Site& own_;
  std::vector<Site*> all_;
};

namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// 'it'\''s': a value that sh reads back as it is.
std::string quoted(const std::string& text) {
  std::string made = "'";
  for (const char character : text) made += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return made + '\'';
}

void require_known_environments(const Options& options) {
  const auto require = [&](const std::string& key) {
    const std::size_t dot = key.find('.');
    const std::string name = key.substr(dot + 1, key.find('.', dot + 1) - dot - 1);
    const auto& known = options.environments;
    if (name != "*" && std::find(known.begin(), known.end(), name) == known.end()) {
      throw BadRequest{"\"" + key + "\" is of an environment that is not played: see --environments."};
    }
  };
  for (const auto& [key, value] : options.knobs) require(key);
  for (const auto& [key, value] : options.faults) require(key);
}

}  // namespace

Server::Server(const Options& options) {
  make_sites(options);
  listen(options);
  write_files(options);
}

// The listeners first: they call what stands behind them.
Server::~Server() {
  listeners_.clear();
  admin_listener_.reset();
}

void Server::make_sites(const Options& options) {
  require_known_environments(options);
  if (!options.state.empty()) std::filesystem::create_directories(options.state);
  for (const Platform& platform : platforms()) {
    const auto& chosen = options.platforms;
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), platform.name) == chosen.end()) continue;
    const std::size_t first = environments_.size();
    for (std::size_t place = 0; place < options.environments.size(); ++place) {
      Settings settings;
      settings.platform = platform.name;
      settings.name = options.environments[place];
      settings.tenant = platform.tenant(settings.name, place);
      settings.seed = options.seed;
      settings.options = options.knobs_of(platform.name, settings.name);
      settings.now_ms = [] { return Poco::Timestamp().epochMicroseconds() / 1000; };
      std::filesystem::path file;
      if (!options.state.empty()) file = options.state / (platform.name + '-' + settings.name + ".json");
      auto site = std::make_unique<Site>(platform.make, settings, file);
      site->faults().set(options.faults_of(platform.name, settings.name));
      environments_.push_back({std::move(site), ""});
    }
    std::vector<Site*> all;
    for (std::size_t at = first; at < environments_.size(); ++at) all.push_back(environments_[at].site.get());
    for (Site* own : all) hosts_.push_back(std::make_unique<Host>(platform, *own, all));
  }
}

void Server::listen(const Options& options) {
  Poco::Net::Context::Ptr tls;
  if (options.tls) {
    Poco::Net::initializeSSL();
    tls = make_tls_context(options.certificate, options.host);
  }
  std::uint16_t port = options.port;
  const auto next_port = [&] { return port == 0 ? port : port++; };
  admin_listener_ = std::make_unique<Listener>(admin_, options.host, next_port(), tls);
  for (std::size_t at = 0; at < environments_.size(); ++at) {
    listeners_.push_back(std::make_unique<Listener>(*hosts_[at], options.host, next_port(), tls));
    const Settings& settings = environments_[at].site->settings();
    const auto& all = platforms();
    const auto platform =
        std::find_if(all.begin(), all.end(), [&](const Platform& each) { return each.name == settings.platform; });
    environments_[at].url = listeners_.back()->url() + platform->base_path(settings.tenant);
  }
}

void Server::write_files(const Options& options) const {
  if (!options.env_file.empty()) {
    std::string lines = "ADMIN_URL=" + quoted(admin_url()) + '\n';
    for (const Playing& each : environments_) {
      const Settings& settings = each.site->settings();
      const std::string name = upper(settings.platform + '_' + settings.name);
      lines += name + "_URL=" + quoted(each.url) + '\n' + name + "_TENANT=" + quoted(settings.tenant) + '\n';
    }
    if (options.tls) {
      lines += "CERTIFICATE_FILE=" + quoted(std::filesystem::absolute(options.certificate).string()) + '\n';
    }
    write_file(options.env_file, lines);
  }
  if (!options.ready_file.empty()) {
    json::Object ready = json::object({{"pid", static_cast<std::int64_t>(::getpid())},
                                       {"admin", admin_url()},
                                       {"environments", json_of(environments_)}});
    if (options.tls) ready->set("certificate", std::filesystem::absolute(options.certificate).string());
    write_file(options.ready_file, json::text(ready) + '\n');
  }
}

}  // namespace sandbox
