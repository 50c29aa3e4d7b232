// Brings chunks of rows into one model's table: compares them with what is there and writes what differs.
//
// Only identities and hashes are sent to be compared; then the rows that are new or differ, with COPY. Into a table
// that was empty rows go at once, until one is there already. Works in the writer's transaction; a row the server
// refuses is found by halving the chunk and is handed back, the others are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/destinations/postgres_chunk.hpp"

namespace ferry::host {

struct PostgresMergeRules {
  std::int64_t run = 0;  // its number
  RemovalPolicy removals = RemovalPolicy::mark;
  ReadKind kind = ReadKind::changes;
  bool images = true;  // what was there before is kept
};

struct PostgresMerged {
  ModelTally tally;
  std::int64_t rows = 0;  // more (or fewer) that are not removed
  std::uint64_t image_bytes = 0;
  std::vector<std::pair<std::size_t, std::string>> refused;  // entries of the chunk, and why

  void operator+=(PostgresMerged&&);
};

class PostgresMerge {
 public:
  PostgresMerge(PostgresCatalog&, const PostgresModel&, PostgresMergeRules, bool empty_table);

  PostgresMerged merge(const PostgresChunk&);
  PostgresMerged remove_unseen(std::int64_t now);
  // The columns are others now.
  void layout_changed();
  void keep_no_images() { rules_.images = false; }

 private:
  using Indexes = std::vector<std::size_t>;
  using Range = std::pair<std::string_view, std::string_view>;  // of the first part of identities, both ends in it
  PostgresMerged attempt(const PostgresChunk&, const Indexes&, bool direct);
  PostgresMerged add_at_once(const PostgresChunk&, const Indexes&);
  PostgresMerged compare(const PostgresChunk&, const Indexes&);
  PostgresMerged see(const PostgresChunk&, const Indexes&);
  void change(const PostgresChunk&, const Indexes&);
  void copy(const PostgresChunk&, const Indexes&, const std::string& table);
  PostgresParameters identities(const PostgresChunk&, const Indexes&) const;
  std::string given() const;
  std::string key_parameter(std::size_t column, int number) const;
  void keep_seen(const PostgresChunk&, const Indexes&);
  std::optional<Range> range_of(const PostgresChunk&, const Indexes&);
  std::string compare_sql(bool in_range) const;
  std::string unnested_keys() const;
  std::string change_sql() const;
  std::string images_of(const std::string& changed) const;
  std::string stage() const { return "pg_temp.\"_ferry_stage_" + std::to_string(model_.number) + "\""; }

  PostgresCatalog& catalog_;
  const PostgresModel& model_;
  PostgresMergeRules rules_;
  int chances_;  // of rows going into the table at once
  bool stage_there_ = false;
  bool try_range_ = true;
  int trusted_ranges_ = 0;
  std::string range_end_;
};

}  // namespace ferry::host
