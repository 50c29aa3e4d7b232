// What a full read or a sweep has seen, and what is gone because it was not.
#include <algorithm>

#include "host/destinations/id_list.hpp"
#include "host/destinations/sqlite_writer.hpp"

namespace ferry::host {
namespace {
constexpr std::size_t rows_compared_at_once = 262'144;
}  // namespace

void SqliteWriter::keep_seen(Model& model) {
  if (model.seen.empty()) return;
  const std::string ids = encode_ids(model.seen);
  Statement(database_, "INSERT INTO " + seen_table() + " VALUES (?,?,?,?,?,?)")
      .bind(model.table.number)
      .bind(++model.part)
      .bind(model.seen.front())
      .bind(model.seen.back())
      .bind(static_cast<std::int64_t>(model.seen.size()))
      .bind_borrowed_blob(ids)
      .step();
  model.seen.clear();
}

void SqliteWriter::drop_seen(const Model& model) {
  Statement(database_, "DELETE FROM " + seen_table() + " WHERE model = ?").bind(model.table.number).step();
}

// A record that could not be taken was not seen and may still be there, also where an earlier run of this generation
// met it.
bool SqliteWriter::some_were_not_taken(const Model& model) {
  if (model.tally.counts.failed > 0) return true;
  Statement query(database_, "SELECT generation_failed FROM _ferry_models WHERE number = ?");
  return query.bind(model.table.number).step() && query.integer(0) != 0;
}

// As many different rows were seen as there are: nothing is missing, and the table need not be read to know it. false:
// perhaps not.
bool SqliteWriter::sees_every_row(const Model& model) {
  if (model.seen_may_be_gone) return false;
  std::int64_t count = 0, last = INT64_MIN;
  bool apart = true;  // no part of what was seen can hold a row of another
  {
    Statement parts(database_, "SELECT low, high, count FROM " + seen_table() + " WHERE model = ? ORDER BY part");
    parts.bind(model.table.number);
    while (parts.step()) {
      apart = apart && parts.integer(0) > last;
      last = parts.integer(1);
      count += parts.integer(2);
    }
  }
  const std::int64_t live = model.rows_before + model.row_change;
  if (apart) return count == live;
  if (count < live || count > static_cast<std::int64_t>(4 * rows_compared_at_once)) return false;
  std::vector<std::int64_t> seen;
  Statement parts(database_, "SELECT ids FROM " + seen_table() + " WHERE model = ?");
  parts.bind(model.table.number);
  while (parts.step())
    decode_ids(parts.blob(0), [&](std::int64_t id) {
      seen.push_back(id);
      return true;
    });
  std::sort(seen.begin(), seen.end());
  return std::unique(seen.begin(), seen.end()) - seen.begin() == live;
}

// Rows in the order of their numbers, some at a time, against what was seen in that range: memory is bounded, and where
// the platform's order is ours, every part is read once.
void SqliteWriter::remove_unseen(const std::string& name) {
  ensure_transaction();
  Model& model = this->model(name);
  keep_seen(model);
  if (!model.there) return;
  if (some_were_not_taken(model) || sees_every_row(model)) return commit();
  std::vector<std::int64_t> live, seen, gone;
  for (std::int64_t last = INT64_MIN;;) {
    live.clear();
    seen.clear();
    gone.clear();
    {
      Statement query(database_, "SELECT rowid FROM " + model.table.state.table +
                                     " WHERE rowid > ? AND \"_ferry_deleted_at\" IS NULL ORDER BY rowid LIMIT ?");
      query.bind(last).bind(static_cast<std::int64_t>(rows_compared_at_once));
      while (query.step()) live.push_back(query.integer(0));
    }
    if (live.empty()) break;
    last = live.back();
    {
      Statement parts(database_, "SELECT ids FROM " + seen_table() + " WHERE model = ? AND low <= ? AND high >= ?");
      parts.bind(model.table.number).bind(live.back()).bind(live.front());
      while (parts.step())
        decode_ids(parts.blob(0), [&](std::int64_t id) {
          if (id >= live.front() && id <= live.back()) seen.push_back(id);
          return id <= live.back();
        });
    }
    std::sort(seen.begin(), seen.end());
    std::set_difference(live.begin(), live.end(), seen.begin(), seen.end(), std::back_inserter(gone));
    for (const std::int64_t id : gone) {
      const std::optional<FoundRow> found = model.rows->at(id);
      if (!found || found->removed) continue;
      if (model.tally.changes.size() < ModelTally::most_changes) note(model, "removed", model.rows->identity(id));
      model.rows->remove(*found);
      ++model.tally.counts.removed;
      ++model.tally.counts.total;
      ++model.tally.absent;
      --model.row_change;
    }
  }
  commit();
}

}  // namespace ferry::host
