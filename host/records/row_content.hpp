// What a row holds, in one form for a record and for what a database made of it: a verification compares values by it,
// not only what was noted of them.
//
// Of the spellings of one value all are one: numbers by their exact decimal value, true as 1 (a boolean of a column
// that was widened is kept so), JSON by its canonical text. What differs only so is taken for the same.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/records/layout.hpp"
#include "host/records/row_batch.hpp"

namespace ferry::host {

class RowContent {
 public:
  // value_at(i): what stands in column i, as an optional text; nothing of NULL.
  template <typename ValueAt>
  void read(const Layout& layout, ValueAt&& value_at) {
    const std::vector<Column>& columns = layout.columns();
    identity_.clear();
    for (const std::size_t i : layout.key()) {
      if (!identity_.empty()) identity_ += '/';
      if (const auto value = value_at(i)) add_identity(columns[i].type, *value);
    }
    bytes_.clear();
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (!columns[i].key)
        if (const auto value = value_at(i)) add(i, columns[i].type, *value);
  }

  // Of the row that was read last. The key, its parts joined by '/'; a hash of what the other columns hold.
  const std::string& identity() const noexcept { return identity_; }
  RowHash hash() const;

 private:
  void add_identity(ColumnType, std::string_view text);
  void add(std::size_t column, ColumnType, std::string_view text);

  std::string identity_, bytes_, form_;
};

}  // namespace ferry::host
