// Records on their way to a destination: their values by column, their hash, and what could not be taken.
//
// A batch owns its text; values borrow it. Made by RowReader on one thread, consumed by a destination on another.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/records/layout.hpp"

namespace ferry::host {

struct Value {
  // decimal: a number that neither int64 nor double holds with all its digits.
  enum Kind : std::uint8_t { null, boolean, integer, real, decimal, text, json } kind = null;
  union {
    std::int64_t integer_value = 0;  // boolean, integer
    double real_value;
  };
  // Of anything but null: what a person would write; of numbers as the platform did.
  std::string_view text_value = {};
};

// Of the content of a record: equal for records of equal members, whatever their order and white space. XXH3, 128 bits:
// it tells changes apart, it does not withstand an attacker.
using RowHash = std::array<unsigned char, 16>;

struct Row {
  RowHash hash;
  bool removed = false;       // the platform says that it is
  std::string_view record{};  // as the platform sent it
};

// A record that cannot be written: it failed, and why.
struct RejectedRecord {
  std::string identity;  // "" if it has none
  std::string code, reason;
  std::string_view record;
};

struct RowBatch {
  RowBatch() = default;
  RowBatch(const RowBatch&) = delete;
  RowBatch& operator=(const RowBatch&) = delete;

  std::string stream;
  std::vector<LayoutChange> changes;  // of the layout, before the first row
  std::size_t width = 0;              // columns of each row
  std::vector<Value> values;          // rows * width
  std::vector<Row> rows;
  std::vector<RejectedRecord> rejected;
  std::uint64_t records = 0;          // that arrived: rows and rejected
  std::uint64_t dropped_members = 0;  // by the contract `discard`
  std::string lines;                  // what arrived
  std::deque<std::string> unescaped;  // texts that differ from what arrived

  // Empties it and keeps its memory.
  void clear() noexcept {
    changes.clear();
    values.clear();
    rows.clear();
    rejected.clear();
    records = dropped_members = 0;
    lines.clear();
    unescaped.clear();
  }

  std::span<const Value> row(std::size_t index) const { return {values.data() + index * width, width}; }
};

}  // namespace ferry::host
