// One data model of one company, as the accounting platform has it and as
// Integration Labs has copied it.
//
// Records 0 .. n-1 come from a RecordWriter; only what was changed since is
// kept. A change is made on the platform and stays there until a sync brings it
// over: additions and changes with any sync, deletions with a full one alone.
// All functions may be called from any thread at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "samples/sandbox/core/json.hpp"
#include "samples/sandbox/integration_labs/records.hpp"

namespace sandbox::integration_labs {

// Rows in which the records of a table are rendered and kept together.
struct Chunk {
  std::unique_ptr<char[]> text;       // records, each with a ',' behind it
  std::vector<std::uint32_t> starts;  // of each record; at the end, of what would follow
  std::size_t bytes() const { return starts.back(); }
  std::string_view rows(std::size_t first,
                        std::size_t last) const {  // both included
    return {text.get() + starts[first], starts[last + 1] - 1 - starts[first]};
  }
};
using ChunkPointer = std::shared_ptr<const Chunk>;

// Keeps the chunks that were used last, up to a number of bytes.
class ChunkCache {
 public:
  using Key = std::pair<const void*, std::uint64_t>;  // table, number of the chunk
  explicit ChunkCache(std::size_t limit) : limit_(limit) {}
  ChunkPointer find(const Key&);
  void insert(const Key&, ChunkPointer);
  void erase(const Key&);
  void erase_table(const void* table);

 private:
  struct Kept {
    ChunkPointer chunk;
    std::uint64_t used;
  };
  std::mutex mutex_;
  std::size_t limit_, bytes_ = 0;
  std::uint64_t uses_ = 0;
  std::map<Key, Kept> kept_;
  std::map<std::uint64_t, Key> by_use_;
};

class Table {
 public:
  static constexpr std::uint64_t chunk_rows = 1000;
  // Where a record stands when records are ordered by rootfi_updated_at, or
  // (updated_at 0) by rootfi_id.
  struct Place {
    std::int64_t updated_at = 0;
    std::uint64_t id = 0;
  };
  enum class Order { by_id, by_update };

  Table(const Model&, std::uint64_t seed, std::uint64_t company_id, std::uint64_t first_id, std::uint64_t count,
        bool lean, ChunkCache&);

  const Model& model() const { return model_; }
  std::uint64_t company_id() const { return company_id_; }
  std::uint64_t first_id() const { return first_id_; }
  std::uint64_t size() const;  // records ever brought over, deleted ones too

  // Changes on the accounting platform.
  void add(std::uint64_t count, std::int64_t now);
  void modify(std::uint64_t index, std::int64_t now);
  void remove(std::uint64_t index, std::int64_t now);
  void append_members(std::string json);

  // What a sync found, by index.
  struct Brought {
    std::vector<std::uint64_t> created, updated, deleted;
  };
  Brought bring(bool full, std::optional<std::int64_t> from, std::int64_t now);

  // A walk through the table in an order; a position is valid as long as
  // nothing is brought over.
  class Walk;
  // What the rows with these indices look like; rows that follow each other are
  // given in one piece.
  struct Pieces {
    std::vector<std::string_view> pieces;
    std::vector<std::shared_ptr<const void>> owners;
  };
  void render(const std::vector<std::uint64_t>& indices, Pieces&) const;
  std::string record(std::uint64_t index) const;
  Row row(std::uint64_t index) const;
  std::optional<std::uint64_t> index_of(std::uint64_t id) const;

  std::size_t waiting() const;  // changes that no sync has brought over
  bool is_touched() const;
  json::Object state() const;
  void restore(const json::Object&);

 private:
  struct Pending {
    std::int64_t modified_at = 0, removed_at = 0;
  };
  bool exists(std::uint64_t index) const { return index < base_ + added_; }
  Row base_row(std::uint64_t index) const;
  Row row_locked(std::uint64_t index) const;
  void put_row(std::uint64_t index, const Row&);
  ChunkPointer chunk(std::uint64_t number) const;

  const Model& model_;
  const std::uint64_t company_id_, first_id_, base_;
  ChunkCache& cache_;

  mutable std::mutex mutex_;
  RecordWriter writer_;
  std::string appended_;
  mutable std::size_t usual_bytes_ = 512;  // of a record, as it turned out
  std::uint64_t added_ = 0;
  std::int64_t last_brought_;
  std::unordered_map<std::uint64_t, Row> changed_;                 // all that differ from base_row, and all added
  std::vector<bool> is_changed_;                                   // of the base rows
  std::vector<std::pair<std::int64_t, std::uint64_t>> by_update_;  // of changed_; also entries that are void by now
  std::map<std::uint64_t, Pending> pending_;
  std::vector<std::int64_t> pending_additions_;
};

// Rows one after the other, forwards or backwards, from a place on.
class Table::Walk {
 public:
  Walk(const Table&, Order, bool backwards, std::optional<Place> after, std::optional<std::int64_t> updated_from);
  bool at_end() const { return !found_; }
  std::uint64_t index() const { return index_; }
  const Row& row() const { return row_; }
  Place place() const { return {order_ == Order::by_update ? row_.updated_at : 0, table_.first_id_ + index_}; }
  void next();

 private:
  void settle();  // on the next row from ordinal_ on

  const Table& table_;
  std::unique_lock<std::mutex> lock_;
  Order order_;
  bool backwards_;
  std::int64_t ordinal_ = 0;
  bool found_ = false;
  std::uint64_t index_ = 0;
  Row row_;
};

}  // namespace sandbox::integration_labs
