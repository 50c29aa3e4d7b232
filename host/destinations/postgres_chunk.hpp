// Rows of one model on their way into PostgreSQL, as the binary format of COPY has them: identity first, then the other
// columns, then bookkeeping; the order of PostgresModel::column_list. Columns no row has a value in are not sent: most
// platforms' schemas have far more members than their records.
//
// Rows of one identity are numbered, and all but the last are superseded. Owns its bytes; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/destinations/postgres_binary.hpp"
#include "host/destinations/postgres_catalog.hpp"

namespace ferry::host {

class PostgresChunk {
 public:
  struct Entry {
    std::size_t begin, key_end, end;  // in the bytes
    std::size_t identity, record;     // where they begin in the texts; they end where the next entry's begin
    RowHash hash;
    bool removed = false, superseded = false;
    std::uint32_t earlier = 0;  // entries of its identity
  };

  // sent: the columns it has, besides those of the identity; of the others every value must be null. run: its number;
  // now: of everything in the chunk, unix ms.
  void begin(const PostgresModel&, const std::vector<bool>& sent, std::int64_t run, std::int64_t now);
  void clear();
  // Why PostgreSQL cannot hold the row, if it cannot.
  std::optional<std::string> add(const PostgresModel&, std::span<const Value>, const Row&);

  const std::vector<bool>& sent() const noexcept { return sent_; }
  const std::vector<Entry>& entries() const noexcept { return entries_; }
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t bytes() const noexcept { return rows_.size() + texts_.size(); }
  std::string_view bytes_of(std::size_t begin, std::size_t end) const {
    return std::string_view(rows_).substr(begin, end - begin);
  }
  std::string_view identity(std::size_t index) const;
  std::string_view record(std::size_t index) const;
  // The first part of the identity, as sent.
  std::string_view first_key(std::size_t index) const;
  // The part of the identity at `part` of each of the chosen entries, as one parameter.
  std::string keys(const PostgresModel&, std::size_t part, const std::vector<std::size_t>& chosen) const;

  static constexpr std::string_view copy_head{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
  static constexpr std::string_view copy_end{"\377\377", 2};

 private:
  std::optional<std::string> put(ColumnType, bool key, const Value&);
  std::uint32_t supersede(std::string_view key);

  std::string rows_, texts_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;      // by hash of the identity: an entry's number and one, 0: free
  std::string tail_live_, tail_removed_;  // bookkeeping after the hash
  std::vector<bool> sent_;
  std::vector<std::size_t> others_;  // columns sent besides the identity
  std::uint16_t fields_ = 0;
};

}  // namespace ferry::host
