#include "host/http/allowed_hosts.hpp"

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {

AllowedHosts::AllowedHosts(Url base, const std::vector<std::string>& entries) : base_(std::move(base)) {
  for (const std::string& text : entries) {
    Entry entry;
    entry.text = text;
    entry.below = text.rfind("*.", 0) == 0;
    const std::string_view host = entry.below ? std::string_view(text).substr(2) : std::string_view(text);
    if (!split_host_port(host, entry.host, entry.port))
      throw Failure(Fault::usage, "bad_allowed_host",
                    "the allowed host \"" + printable(text) + "\" is none of host, host:port, *.domain");
    if (entry.below) entry.host.insert(0, ".");
    entries_.push_back(std::move(entry));
  }
}

bool AllowedHosts::allows(const Url& url) const {
  if (url.same_origin(base_)) return true;
  if (!url.secure() && base_.secure()) return false;
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    if (entry.port != 0 && entry.port != url.port) return false;
    if (!entry.below) return entry.host == url.host;
    return url.host.size() > entry.host.size() &&
           url.host.compare(url.host.size() - entry.host.size(), entry.host.size(), entry.host) == 0;
  });
}

std::string AllowedHosts::text() const {
  std::string out = base_.origin() + " (the connection's own)";
  for (const Entry& entry : entries_) out += ", " + printable(entry.text);
  return out;
}

}  // namespace ferry::host
