#include "tests/platforms/sync_survival/listed_labs.hpp"

#include <Poco/URI.h>

#include <cstdio>
#include <cstdlib>

namespace ferry::test {
namespace {

// Milliseconds of one hour, as the platform writes them.
std::string time_of(int when) {
  char text[64];
  std::snprintf(text, sizeof text, "2024-01-01T00:%02d:%02d.%03dZ", when / 60'000 % 60, when / 1000 % 60, when % 1000);
  return text;
}

std::string text_of(int id, int when, const std::string& more) {
  return "{\"rootfi_id\":" + std::to_string(id) + ",\"rootfi_deleted_at\":null,\"rootfi_updated_at\":\"" +
         time_of(when) + "\",\"rootfi_company_id\":1089" + (more.empty() ? "" : "," + more) + "}";
}

}  // namespace

ListedLabs::ListedLabs() : server_([this](Peer& peer) { serve(peer); }) {}

std::string ListedLabs::record(int id, const std::string& more) { return text_of(id, id, more); }

void ListedLabs::play(Pages pages) {
  const std::lock_guard lock(mutex_);
  pages_ = std::move(pages);
  requests_ = 0;
}

int ListedLabs::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ListedLabs::put(int id, const std::string& number) {
  const std::lock_guard lock(mutex_);
  if (const auto before = times_.find(id); before != times_.end()) by_time_.erase({before->second, id});
  times_[id] = ++clock_;
  by_time_[{clock_, id}] = text_of(id, clock_, "\"document_number\":\"" + number + "\"");
}

void ListedLabs::remove(int id) {
  const std::lock_guard lock(mutex_);
  const auto found = times_.find(id);
  if (found == times_.end()) return;
  by_time_.erase({found->second, id});
  times_.erase(found);
}

Content ListedLabs::content() const {
  const std::lock_guard lock(mutex_);
  Content all;
  for (const auto& [place, text] : by_time_) all[std::to_string(place.second)] = Json::parse(text);
  return all;
}

void ListedLabs::serve(Peer& peer) {
  while (const auto request = peer.receive())
    if (!peer.answer(200, "Content-Type: application/json\r\n", answer(request->target))) return;
}

std::string ListedLabs::answer(const std::string& target) {
  if (target.find("/core/syncs/config") != std::string::npos)
    return R"({"sync_config":[{"data_model":"INVOICES","enabled":true}]})";
  std::string cursor, since;
  std::size_t limit = 100;
  for (const auto& [name, value] : Poco::URI(target).getQueryParameters()) {
    if (name == "next") cursor = value;
    if (name == "limit") limit = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "rootfi_updated_at[gte]") since = value;
  }
  const std::lock_guard lock(mutex_);
  ++requests_;
  const Page page = pages_ ? pages_(cursor, requests_) : listed(cursor, since, limit);
  std::string text = "{\"data\":[";
  for (const std::string& record : page.records) text += (text.back() == '[' ? "" : ",") + record;
  return text + "],\"prev\":null,\"next\":" + (page.next.empty() ? "null" : "\"" + page.next + "\"") +
         ",\"total_count\":" + std::to_string(page.total) + "}";
}

ListedLabs::Page ListedLabs::listed(const std::string& cursor, const std::string& since, std::size_t limit) const {
  std::pair<int, int> after{0, 0};
  if (!cursor.empty()) std::sscanf(cursor.c_str(), "%d-%d", &after.first, &after.second);
  Page page;
  page.total = static_cast<int>(by_time_.size());
  for (auto at = by_time_.upper_bound(after); at != by_time_.end(); ++at) {
    if (time_of(at->first.first) < since) continue;
    if (page.records.size() == limit) {
      page.next = std::to_string(after.first) + "-" + std::to_string(after.second);
      break;
    }
    page.records.push_back(at->second);
    after = at->first;
  }
  return page;
}

}  // namespace ferry::test
