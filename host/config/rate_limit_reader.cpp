#include "host/config/rate_limit_reader.hpp"

#include <charconv>

namespace ferry::host {
namespace {

double share(const YamlMembers& reader, const YamlMember& member, const std::string& path) {
  const std::string text = reader.text(member, path);
  int percent = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  const bool is_share = error == std::errc() && std::string_view(end, text.data() + text.size()) == "%";
  if (!is_share || percent < 0 || percent > 90)
    reader.fail(member, path, "is not a share of the limit; write a percentage from 0% to 90%, such as 20%");
  return percent / 100.0;
}

}  // namespace

ConnectionRateLimit read_rate_limit(const YamlMembers& reader, const YamlMember& member, const std::string& path,
                                    const ConnectionRateLimit& otherwise) {
  using namespace std::chrono_literals;
  const YamlValue& map = member.value;
  reader.expect(map, YamlValue::Kind::map, member.line, path);
  reader.refuse_unknown(map, {"requests", "per", "concurrent", "reserve", "waiting_after", "longest_wait"}, path);
  ConnectionRateLimit out = otherwise;
  const YamlMember *requests = map.find("requests"), *per = map.find("per");
  if (requests != nullptr) out.requests = reader.whole_number(*requests, path + ".requests", 1, 1'000'000);
  if (per != nullptr) out.per = reader.duration(*per, path + ".per", 100ms, 744h, "100ms to 744h");
  if ((requests == nullptr) != (per == nullptr))
    reader.fail(member, path, "requests and per go together, such as {requests: 100, per: 60s}");
  if (const YamlMember* one = map.find("concurrent"))
    out.concurrent = reader.whole_number(*one, path + ".concurrent", 1, 1'000);
  if (const YamlMember* one = map.find("reserve")) out.reserve = share(reader, *one, path + ".reserve");
  if (const YamlMember* one = map.find("waiting_after"))
    out.waiting_after = reader.duration(*one, path + ".waiting_after", 0ms, 1h, "0s to 1h");
  if (const YamlMember* one = map.find("longest_wait"))
    out.longest_wait = reader.duration(*one, path + ".longest_wait", 0ms, 744h, "0s to 744h");
  return out;
}

}  // namespace ferry::host
