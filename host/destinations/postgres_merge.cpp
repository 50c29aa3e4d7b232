#include "host/destinations/postgres_merge.hpp"

#include <algorithm>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr int chances_to_add_at_once = 3;
constexpr std::size_t most_rounds = 32;
constexpr int ranges_trusted = 15;  // after one that was asked about

enum Outcome : std::uint8_t { unchanged, added, modified, removed, revived };

void note(ModelTally& tally, const std::string& model, const char* outcome, std::string_view identity) {
  if (tally.changes.size() >= ModelTally::most_changes) return;
  Item item;
  item.type = model;
  item.id = std::string(identity);
  item.outcome = outcome;
  tally.changes.push_back(std::move(item));
}

std::string size_of_images(bool images) { return images ? "(SELECT coalesce(sum(size), 0) FROM images)" : "0"; }

}  // namespace

void PostgresMerged::operator+=(PostgresMerged&& other) {
  tally.counts += other.tally.counts;
  tally.duplicates += other.tally.duplicates;
  tally.absent += other.tally.absent;
  for (Item& item : other.tally.changes)
    if (tally.changes.size() < ModelTally::most_changes) tally.changes.push_back(std::move(item));
  rows += other.rows;
  image_bytes += other.image_bytes;
  for (auto& one : other.refused) refused.push_back(std::move(one));
}

PostgresMerge::PostgresMerge(PostgresCatalog& catalog, const PostgresModel& model, PostgresMergeRules rules,
                             bool empty_table)
    : catalog_(catalog), model_(model), rules_(rules), chances_(empty_table ? chances_to_add_at_once : 0) {}

void PostgresMerge::layout_changed() {
  if (stage_there_) catalog_.connection().run("DROP TABLE IF EXISTS " + stage());
  stage_there_ = false;
}

// Records of one identity are compared one after the other, as if each had come alone: what is counted must not depend
// on how the records were cut into chunks. Of one that comes again and again the middle ones are passed over.
PostgresMerged PostgresMerge::merge(const PostgresChunk& chunk) {
  PostgresMerged merged;
  std::vector<Indexes> rounds(1);
  std::vector<bool> gone(1);
  for (std::size_t i = 0; i < chunk.entries().size(); ++i) {
    const PostgresChunk::Entry& entry = chunk.entries()[i];
    const std::size_t round = std::min<std::size_t>(entry.earlier, most_rounds - 1);
    if (round == most_rounds - 1 && entry.superseded) {
      ++merged.tally.counts.total;
      ++merged.tally.counts.unchanged;
      ++merged.tally.duplicates;
      continue;
    }
    if (round >= rounds.size()) {
      rounds.resize(round + 1);
      gone.resize(round + 1);
    }
    rounds[round].push_back(i);
    gone[round] = gone[round] || entry.removed;
  }
  for (std::size_t round = 0; round < rounds.size(); ++round) {
    const bool direct = round == 0 && chances_ > 0 && !gone[round] && rules_.kind != ReadKind::sweep;
    if (!rounds[round].empty()) merged += attempt(chunk, rounds[round], direct);
  }
  return merged;
}

PostgresMerged PostgresMerge::attempt(const PostgresChunk& chunk, const Indexes& chosen, bool direct) {
  PostgresConnection& connection = catalog_.connection();
  connection.run("SAVEPOINT merge");
  const bool stage_was_there = stage_there_;
  try {
    PostgresMerged merged = direct                           ? add_at_once(chunk, chosen)
                            : rules_.kind == ReadKind::sweep ? see(chunk, chosen)
                                                             : compare(chunk, chosen);
    connection.run("RELEASE merge");
    return merged;
  } catch (const PostgresFailure& failure) {
    const bool conflict = direct && failure.is_conflict();
    if (!conflict && !failure.is_of_rows()) throw;
    connection.run("ROLLBACK TO merge; RELEASE merge");
    stage_there_ = stage_was_there;
    if (conflict) {
      --chances_;
      return attempt(chunk, chosen, false);
    }
    if (chosen.size() == 1) {
      PostgresMerged merged;
      merged.refused.emplace_back(chosen.front(), failure.what());
      return merged;
    }
  }
  const auto middle = chosen.begin() + static_cast<std::ptrdiff_t>(chosen.size() / 2);
  PostgresMerged merged = attempt(chunk, Indexes(chosen.begin(), middle), direct);
  merged += attempt(chunk, Indexes(middle, chosen.end()), direct && chances_ > 0);
  return merged;
}

void PostgresMerge::copy(const PostgresChunk& chunk, const Indexes& chosen, const std::string& table) {
  PostgresConnection& connection = catalog_.connection();
  connection.begin_copy("COPY " + table + " (" + model_.column_list(chunk.sent()) + ") FROM STDIN (FORMAT binary)");
  connection.put(PostgresChunk::copy_head);
  for (std::size_t i = 0; i < chosen.size();) {
    const std::size_t begin = chunk.entries()[chosen[i]].begin;
    std::size_t end = begin;
    for (; i < chosen.size() && chunk.entries()[chosen[i]].begin == end; ++i) end = chunk.entries()[chosen[i]].end;
    connection.put(chunk.bytes_of(begin, end));
  }
  connection.put(PostgresChunk::copy_end);
  connection.end_copy();
}

PostgresMerged PostgresMerge::add_at_once(const PostgresChunk& chunk, const Indexes& chosen) {
  copy(chunk, chosen, model_.table());
  PostgresMerged merged;
  merged.tally.counts.total = merged.tally.counts.added = chosen.size();
  merged.rows = static_cast<std::int64_t>(chosen.size());
  for (std::size_t i = 0; i < std::min(chosen.size(), ModelTally::most_changes); ++i)
    note(merged.tally, model_.state.model, "added", chunk.identity(chosen[i]));
  return merged;
}

PostgresParameters PostgresMerge::identities(const PostgresChunk& chunk, const Indexes& chosen) const {
  PostgresParameters parameters;
  for (std::size_t part = 0; part < model_.state.layout.key().size(); ++part)
    parameters.binary(chunk.keys(model_, part, chosen));
  return parameters;
}

// What was sent, as rows: identity, hash, removed, ordinal.
std::string PostgresMerge::given() const {
  std::string arrays, names, selected;
  int parameter = 0;
  for (const std::size_t i : model_.state.layout.key()) {
    arrays += key_parameter(i, ++parameter) + ", ";
    names += model_.name(i) + ", ";
    selected +=
        model_.name(i) + (model_.key_type(i) == ColumnType::text ? " COLLATE \"C\" AS " + model_.name(i) : "") + ", ";
  }
  const std::string rest = "\"_ferry_hash\", \"_ferry_removed\", \"_ferry_ordinal\"";
  return "SELECT " + selected + rest + " FROM unnest(" + arrays + "$" + std::to_string(parameter + 1) + "::uuid[], $" +
         std::to_string(parameter + 2) + "::boolean[]) WITH ORDINALITY AS u (" + names + rest + ")";
}

// $1::text[]
std::string PostgresMerge::key_parameter(std::size_t column, int number) const {
  const bool text = model_.key_type(column) == ColumnType::text;
  return "$" + std::to_string(number) + "::" + (text ? "text" : model_.column_type(column)) + "[]";
}

// A part of a statement: rows of the table that `changed` names are kept as they are; not those this run wrote.
std::string PostgresMerge::images_of(const std::string& changed) const {
  if (!rules_.images) return "";
  const std::string run = std::to_string(rules_.run);
  return ", images AS (INSERT INTO " + catalog_.before(model_) + " AS b (\"_ferry_before_run\", " +
         model_.column_list() + ") SELECT " + run + ", " + model_.column_list("t.") + " FROM (" + changed +
         ") c JOIN " + model_.table() + " t ON " + model_.same_key("c", "t") + " WHERE t.\"_ferry_run\" <> " + run +
         " ON CONFLICT DO NOTHING RETURNING pg_column_size(b.*) AS size)";
}

// Records often come in the order of their identities. Then the rows to compare with stand side by side, and reading
// them in one go is much faster than looking each of them up; the index is asked whether it is so.
std::optional<PostgresMerge::Range> PostgresMerge::range_of(const PostgresChunk& chunk, const Indexes& chosen) {
  constexpr std::size_t fewest = 1000;
  if (!try_range_ || chosen.size() < fewest || model_.key_type(model_.state.layout.key()[0]) != ColumnType::text)
    return std::nullopt;
  for (std::size_t i = 1; i < chosen.size(); ++i)
    if (chunk.first_key(chosen[i - 1]) > chunk.first_key(chosen[i])) return std::nullopt;
  const Range range{chunk.first_key(chosen.front()), chunk.first_key(chosen.back())};
  // Ranges that follow one another are read once, all of them: they need not each be asked about.
  const bool follows = trusted_ranges_ > 0 && range.first >= range_end_;
  range_end_ = range.second;
  if (follows) {
    --trusted_ranges_;
    return range;
  }
  const std::size_t many = chosen.size() * 2;
  const std::string name = model_.name(model_.state.layout.key()[0]);
  const auto found = catalog_.connection().run("SELECT count(*) FROM (SELECT FROM " + model_.table() + " WHERE " +
                                                   name + " BETWEEN $1 AND $2 LIMIT " + std::to_string(many) + ") AS t",
                                               PostgresParameters().text(range.first).text(range.second));
  try_range_ = static_cast<std::size_t>(found.number(0, 0)) < many;  // else what is sent is spread over the table
  trusted_ranges_ = ranges_trusted;
  return try_range_ ? std::optional(range) : std::nullopt;
}

std::string PostgresMerge::unnested_keys() const {
  std::string keys;
  for (const std::size_t i : model_.state.layout.key())
    keys += (keys.empty() ? "" : ", ") + ("unnest(" + model_.name(i) + ") AS " + model_.name(i));
  return keys;
}

// Gives back only what is to be written, and what this run has written already.
std::string PostgresMerge::compare_sql(bool in_range) const {
  const std::string run = std::to_string(rules_.run);
  const std::vector<std::size_t>& key = model_.state.layout.key();
  const std::string outcome =
      "CASE WHEN t.\"_ferry_run\" IS NULL THEN CASE WHEN g.\"_ferry_removed\" THEN 0 ELSE 1 END "
      "WHEN g.\"_ferry_removed\" THEN CASE WHEN t.\"_ferry_deleted_at\" IS NULL THEN 3 ELSE 0 END "
      "WHEN t.\"_ferry_deleted_at\" IS NOT NULL THEN 4 WHEN t.\"_ferry_hash\" <> g.\"_ferry_hash\" THEN 2 ELSE 0 END";
  std::string sql = "WITH compared AS MATERIALIZED (SELECT " + model_.key_list("g.") +
                    ", g.\"_ferry_ordinal\", coalesce(t.\"_ferry_run\" = " + run + ", false) AS again, " + outcome +
                    " AS outcome FROM (" + given() + ") AS g LEFT JOIN " + model_.table() + " t ON " +
                    model_.same_key("t", "g");
  if (in_range)
    sql += " AND t." + model_.name(key[0]) + " BETWEEN $" + std::to_string(key.size() + 3) + " AND $" +
           std::to_string(key.size() + 4);
  sql += " WHERE " + outcome + " > 0 OR t.\"_ferry_run\" = " + run + ")" +
         images_of("SELECT * FROM compared WHERE outcome > 1");
  if (rules_.removals == RemovalPolicy::remove)
    sql += ", gone AS (DELETE FROM " + model_.table() + " t USING compared c WHERE c.outcome = 3 AND " +
           model_.same_key("t", "c") + ")";
  return sql + " SELECT \"_ferry_ordinal\", outcome, again, " + size_of_images(rules_.images) +
         " FROM compared ORDER BY \"_ferry_ordinal\"";
}

PostgresMerged PostgresMerge::compare(const PostgresChunk& chunk, const Indexes& chosen) {
  PostgresArray hashes(PostgresType::uuid), flags(PostgresType::boolean);
  for (const std::size_t index : chosen) {
    const PostgresChunk::Entry& entry = chunk.entries()[index];
    hashes.add({reinterpret_cast<const char*>(entry.hash.data()), entry.hash.size()});
    flags.add(entry.removed ? std::string_view("\1", 1) : std::string_view("\0", 1));
  }
  PostgresParameters parameters = identities(chunk, chosen);
  parameters.binary(hashes.finish()).binary(flags.finish());
  PostgresConnection& connection = catalog_.connection();
  const std::optional<Range> range = range_of(chunk, chosen);
  if (range) {
    parameters.text(range->first).text(range->second);
    connection.run("SET LOCAL enable_hashjoin = on");
  }
  const PostgresAnswer answer = connection.run(compare_sql(range.has_value()), parameters);
  if (range) connection.run("SET LOCAL enable_hashjoin = off");

  PostgresMerged merged;
  OutcomeCounts& counts = merged.tally.counts;
  Indexes new_ones, changed_ones, seen;
  std::size_t next = 0;  // of the chosen that the answer says nothing of: they are as the table has them
  const auto see_up_to = [&](std::size_t end) {
    for (; rules_.kind == ReadKind::full && next < end; ++next)
      if (!chunk.entries()[chosen[next]].removed) seen.push_back(chosen[next]);
    next = end + 1;
  };
  for (std::size_t row = 0; row < answer.rows(); ++row) {
    const std::size_t ordinal = static_cast<std::size_t>(answer.number(row, 0)) - 1, index = chosen[ordinal];
    see_up_to(ordinal);
    if (answer.flag(row, 2)) ++merged.tally.duplicates;
    switch (answer.number(row, 1)) {
      case added:
        ++counts.added;
        ++merged.rows;
        new_ones.push_back(index);
        break;
      case revived:
        ++counts.added;
        ++merged.rows;
        changed_ones.push_back(index);
        break;
      case modified:
        ++counts.modified;
        changed_ones.push_back(index);
        break;
      case removed:
        ++counts.removed;
        --merged.rows;
        if (rules_.removals == RemovalPolicy::mark) changed_ones.push_back(index);
        break;
      default: continue;
    }
    constexpr const char* words[] = {"", "added", "modified", "removed", "added"};
    note(merged.tally, model_.state.model, words[answer.number(row, 1)], chunk.identity(index));
  }
  if (answer.rows() > 0) merged.image_bytes = static_cast<std::uint64_t>(answer.number(0, 3));
  counts.total = chosen.size();
  counts.unchanged = counts.total - counts.added - counts.modified - counts.removed;
  see_up_to(chosen.size());
  keep_seen(chunk, seen);
  if (!new_ones.empty()) copy(chunk, new_ones, model_.table());
  if (!changed_ones.empty()) change(chunk, changed_ones);
  return merged;
}

std::string PostgresMerge::change_sql() const {
  std::string columns =
      "\"_ferry_hash\" = s.\"_ferry_hash\", \"_ferry_synced_at\" = s.\"_ferry_synced_at\", "
      "\"_ferry_deleted_at\" = s.\"_ferry_deleted_at\", \"_ferry_run\" = s.\"_ferry_run\"";
  for (std::size_t i = 0; i < model_.names.size(); ++i)
    if (!model_.state.layout.columns()[i].key) columns += ", " + model_.name(i) + " = s." + model_.name(i);
  return "UPDATE " + model_.table() + " t SET " + columns + " FROM " + stage() + " s WHERE " +
         model_.same_key("t", "s");
}

void PostgresMerge::change(const PostgresChunk& chunk, const Indexes& chosen) {
  PostgresConnection& connection = catalog_.connection();
  if (!stage_there_)
    connection.run("CREATE TEMPORARY TABLE \"_ferry_stage_" + std::to_string(model_.number) + "\" AS SELECT " +
                   model_.column_list() + " FROM " + model_.table() + " WITH NO DATA");
  stage_there_ = true;
  copy(chunk, chosen, stage());
  connection.run(change_sql() + "; TRUNCATE " + stage());
}

void PostgresMerge::keep_seen(const PostgresChunk& chunk, const Indexes& chosen) {
  if (chosen.empty()) return;
  std::string lists;
  int parameter = 0;
  for (const std::size_t i : model_.state.layout.key())
    lists += (lists.empty() ? "" : ", ") + key_parameter(i, ++parameter);
  catalog_.connection().run("INSERT INTO " + catalog_.seen(model_) + " VALUES (" + lists + ")",
                            identities(chunk, chosen));
}

PostgresMerged PostgresMerge::see(const PostgresChunk& chunk, const Indexes& chosen) {
  keep_seen(chunk, chosen);
  PostgresMerged merged;
  merged.tally.counts.total = merged.tally.counts.unchanged = chosen.size();
  return merged;
}

PostgresMerged PostgresMerge::remove_unseen(std::int64_t now) {
  const std::string run = std::to_string(rules_.run);
  std::string sql = "WITH gone AS MATERIALIZED (SELECT " + model_.key_list("t.") + " FROM " + model_.table() +
                    " t WHERE t.\"_ferry_deleted_at\" IS NULL AND t.\"_ferry_run\" <> ALL ($1::bigint[]) "
                    "AND NOT EXISTS (SELECT FROM (SELECT " +
                    unnested_keys() + " FROM " + catalog_.seen(model_) + ") s WHERE " + model_.same_key("s", "t") +
                    "))" + images_of("SELECT * FROM gone");
  sql += rules_.removals == RemovalPolicy::mark
             ? ", out AS (UPDATE " + model_.table() +
                   " t SET \"_ferry_deleted_at\" = to_timestamp($2::bigint / 1000.0), "
                   "\"_ferry_synced_at\" = to_timestamp($2::bigint / 1000.0), \"_ferry_run\" = " +
                   run + " FROM gone WHERE " + model_.same_key("t", "gone") + ")"
             : ", out AS (DELETE FROM " + model_.table() + " t USING gone WHERE $2::bigint > 0 AND " +
                   model_.same_key("t", "gone") + ")";
  sql += " SELECT (SELECT count(*) FROM gone), " + size_of_images(rules_.images) + ", " + model_.key_text("") +
         " FROM gone ORDER BY 3 LIMIT " + std::to_string(ModelTally::most_changes);
  PostgresConnection& connection = catalog_.connection();
  connection.run("SET LOCAL enable_hashjoin = on");
  const PostgresAnswer answer = connection.run(sql, PostgresParameters().text(model_.generation).number(now));
  connection.run("SET LOCAL enable_hashjoin = off");
  PostgresMerged merged;
  if (answer.rows() == 0) return merged;
  const std::int64_t count = answer.number(0, 0);
  merged.tally.counts.total = merged.tally.counts.removed = merged.tally.absent = static_cast<std::uint64_t>(count);
  merged.rows = -count;
  merged.image_bytes = static_cast<std::uint64_t>(answer.number(0, 1));
  for (std::size_t row = 0; row < answer.rows(); ++row)
    note(merged.tally, model_.state.model, "removed", answer.text(row, 2));
  return merged;
}

}  // namespace ferry::host
