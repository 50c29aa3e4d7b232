// Turns batches of JSON lines into rows of a data model's columns: checks them, hashes them, and lets the layout grow
// as its contract allows. A record is read once; texts without escapes and numbers are borrowed as they arrived.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/records/layout.hpp"
#include "host/records/row_batch.hpp"

namespace ferry::host {

struct RowRules {
  Contract contract = Contract::evolve;
  std::string removed_when;  // member that is neither null nor false in a record the platform removed; "": none
  std::size_t longest_record = 8u << 20;  // bytes; a longer one is rejected
};

// Serves one model and run, on one thread.
class RowReader {
 public:
  // layout: that of the destination's table, with what the catalog adds already in it.
  RowReader(std::string stream, Layout layout, RowRules rules);

  // lines: JSON objects, each ended by \n, `count` of them. Failure(connector, bad_record): what is no JSON object;
  // Failure(guard, schema_frozen): a change the contract forbids.
  // used: a batch that is not needed any more, whose memory serves again.
  std::unique_ptr<RowBatch> read(std::string_view lines, std::uint64_t count, std::unique_ptr<RowBatch> used = nullptr);

  const Layout& layout() const noexcept { return layout_; }

 private:
  static constexpr std::size_t no_column = static_cast<std::size_t>(-1);
  struct Member {
    std::size_t column = no_column;
    bool says_removed = false;
    std::string name, written;  // written: ,"name":
  };
  void read_record(std::string_view line, RowBatch&);
  void meet(std::size_t place, std::string_view name, bool escaped);
  std::size_t column_of(const std::string& name, RowBatch&, std::string_view value);
  void set(std::size_t column, std::string_view token, bool escaped, RowBatch&);
  void take_text(Value&, std::string_view inside, bool escaped, RowBatch&) const;
  bool fit(std::size_t column, Value&, RowBatch&);
  void widen(std::size_t column, ColumnType, RowBatch&);
  void forbid(const std::string& what) const;
  void reject(RowBatch&, std::string_view record, std::string code, std::string reason) const;
  bool has_identity() const;
  std::string identity_text() const;
  RowHash hash();

  const std::string stream_;
  Layout layout_;
  const RowRules rules_;
  std::vector<Value> slots_;          // of the record that is being read
  std::vector<std::uint64_t> seeds_;  // of each column: its name's share in the hash
  std::string hashed_;                // what the hash is made of
  std::vector<Member> order_;         // members of the record before, in their order
  bool removed_ = false;
  std::string wrong_;  // why the record does not fit, "" if it does
};

}  // namespace ferry::host
