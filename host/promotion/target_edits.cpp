#include "host/promotion/target_edits.hpp"

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "host/base/json_text.hpp"
#include "host/statistics/run_state.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t runs_to_look_through = 200, items_at_once = 10'000;

using Key = std::pair<std::string, std::string>;  // type and id

// The hashes of a package's artefacts.
class Hashes final : public RecordReceiver {
 public:
  void on_records(std::string_view, std::string_view lines, std::uint64_t) override {
    for (std::size_t start = 0; start < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', start), lines.size());
      add(lines.substr(start, end - start));
      start = end + 1;
    }
  }
  void on_checkpoint(std::string_view, std::string_view) override {}

  const std::string* find(const Key& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &found->second;
  }

 private:
  void add(std::string_view line) {
    simdjson::dom::element record;
    std::string_view type, id, hash;
    if (parser_.parse(line.data(), line.size()).get(record) || record["type"].get(type) || record["id"].get(id) ||
        record["hash"].get(hash))
      return;
    by_key_.emplace(Key(type, id), hash);
  }

  simdjson::dom::parser parser_;
  std::map<Key, std::string> by_key_;
};

bool was_applied(const Item& item) {
  return item.outcome == "added" || item.outcome == "modified" || item.outcome == "unchanged";
}

// One that did not may have left anything.
bool is_known(const RunRecord& import) { return ended_well(import.state) && !import.package_sha256.empty(); }

class Edits {
 public:
  Edits(Runner& runner, const RunOutcome& preview, const std::string& parent, const Cancellation& cancellation)
      : runner_(runner), preview_(preview), parent_(parent), cancellation_(cancellation) {}

  std::vector<Problem> find(const Package& package) {
    look_back();
    const Environment& environment = runner_.environment();
    if (!last_ || !is_known(*last_) || !environment.registry.find(preview_.record.connector_id).offers("inspect"))
      return {};
    const std::optional<Package> before = environment.packages.find(last_->package_sha256);
    if (!before) return {};
    const std::map<Key, Item> items_then = items_of_last();
    std::vector<Problem> found;
    std::optional<Hashes> then, now;
    for (const Item& item : preview_.changes) {
      const Key key(item.type, item.id);
      if (item.outcome != "modified" || !comparable_.contains(item.type)) continue;
      // What it left unchanged is not among its items.
      const auto known = items_then.find(key);
      if (known == items_then.end() ? !item.target_id.empty()
                                    : !was_applied(known->second) || known->second.target_id != item.target_id)
        continue;
      if (before->sha256 != package.sha256) {
        if (!then && !(look_into(*before, then.emplace()) && look_into(package, now.emplace()))) return {};
        const std::string *hash_then = then->find(key), *hash_now = now->find(key);
        if (hash_then == nullptr || hash_now == nullptr || *hash_then != *hash_now) continue;
      }
      found.push_back({"warning", item.type, item.id, item.name, "target_edited",
                       "it is not as the import " + last_->id +
                           " left it, and the source has not changed since: it was edited in the target"});
    }
    return found;
  }

 private:
  // The last import, and the types of which the connector was seen to tell that nothing changed.
  void look_back() {
    note_comparable(preview_.statistics);
    for (RunRecord& run : runner_.environment().store.list(runs_to_look_through, preview_.record.connection)) {
      if (run.operation != "import" || run.connector_id != preview_.record.connector_id) continue;
      if (const auto document = parse_object(run.statistics_json)) note_comparable(Statistics::from_json(*document));
      if (!run.preview && !last_) last_ = std::move(run);
    }
  }
  void note_comparable(const Statistics& statistics) {
    for (const auto& [type, counts] : statistics.items)
      if (counts.unchanged > 0) comparable_.insert(type);
  }
  std::map<Key, Item> items_of_last() const {
    std::map<Key, Item> all;
    for (std::size_t offset = 0;; offset += items_at_once) {
      std::vector<Item> items = runner_.environment().store.items(last_->id, items_at_once, offset);
      for (Item& item : items) all.emplace(Key(item.type, item.id), std::move(item));
      if (items.size() < items_at_once) return all;
    }
  }
  bool look_into(const Package& package, Hashes& hashes) {
    RunRequest look;
    look.operation = "inspect";
    look.connector = preview_.record.connector_id;
    look.parent = parent_;
    look.package = package;
    return !runner_.run(look, cancellation_, &hashes).error;
  }

  Runner& runner_;
  const RunOutcome& preview_;
  const std::string& parent_;
  const Cancellation& cancellation_;
  std::optional<RunRecord> last_;
  std::set<std::string> comparable_;
};

}  // namespace

std::vector<Problem> target_edits(Runner& runner, const RunOutcome& preview, const Package& package,
                                  const std::string& parent, const Cancellation& cancellation) {
  if (preview.statistics.totals().modified == 0) return {};
  return Edits(runner, preview, parent, cancellation).find(package);
}

}  // namespace ferry::host
