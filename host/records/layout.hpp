// The columns of a data model: which members its records have, of what type, and how far that may change.
//
// A layout only grows: columns are appended, never moved or taken away, and types only widen. So whoever holds an older
// state of it catches up by the changes alone, in their order. Not thread-safe; a copy is independent.
#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/records/sync_rules.hpp"

namespace ferry::host {

// What a column can hold. integer: 64 bits, signed. number: any JSON number, with all its digits. text: a string, or
// what a scalar reads as where a column was widened. json: an object or a list, as its text.
enum class ColumnType : std::uint8_t { boolean, integer, number, text, json };

std::string_view type_word(ColumnType) noexcept;  // "boolean", "integer", ...
std::optional<ColumnType> parse_type(std::string_view word) noexcept;

struct Column {
  std::string member;  // of the record, unescaped
  ColumnType type = ColumnType::text;
  bool key = false;  // part of the identity

  bool operator==(const Column&) const = default;
};

// A column was appended, or has another type.
struct LayoutChange {
  enum Kind : std::uint8_t { added, widened } kind;
  std::size_t index;
  Column column;  // as it is now
};

class Layout {
 public:
  Layout() = default;
  // Failure(connector, bad_catalog): no key, or one column twice.
  explicit Layout(std::vector<Column> columns);
  // schema: a JSON Schema of an object, nullptr if none is known. key: members that make up the identity. Failure
  // (connector, bad_catalog): no key.
  static Layout of_schema(const Poco::JSON::Object* schema, const std::vector<std::string>& key);

  const std::vector<Column>& columns() const noexcept { return columns_; }
  std::size_t size() const noexcept { return columns_.size(); }
  const std::vector<std::size_t>& key() const noexcept { return key_; }
  std::optional<std::size_t> find(std::string_view member) const;

  LayoutChange add(Column);
  LayoutChange widen(std::size_t index, ColumnType);
  void apply(const LayoutChange&);
  // What a table with these columns has to change to hold records of `wanted`: members it lacks, types that are wider
  // there. Columns that `wanted` lacks stay.
  std::vector<LayoutChange> grow_to(const Layout& wanted);

 private:
  std::vector<Column> columns_;
  std::vector<std::size_t> key_;
  std::unordered_map<std::string, std::size_t> index_;
};

// The narrowest type that holds what both hold; nullopt: there is none, a container is no scalar.
std::optional<ColumnType> wider(ColumnType, ColumnType) noexcept;

}  // namespace ferry::host
