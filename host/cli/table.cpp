#include "host/cli/table.hpp"

#include <algorithm>

#include "host/base/text.hpp"

namespace ferry::host {

void Table::add(std::vector<Cell> row) {
  row.resize(columns_.size());
  for (Cell& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

void Table::measure() {
  widths_.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths_[i] = display_width(columns_[i].title);
    for (const std::vector<Cell>& row : rows_) widths_[i] = std::max(widths_[i], display_width(row[i].text));
  }
}

std::string Table::line(const std::vector<Cell>& row, const Style& style) const {
  std::string out(indent_, ' ');
  std::size_t spaces = 0;  // owed, so that no line ends with blanks
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t width = display_width(row[i].text);
    const std::size_t padding = widths_[i] > width ? widths_[i] - width : 0;
    if (columns_[i].right) spaces += padding;
    if (width > 0) {
      out += std::string(spaces, ' ') + style(row[i].paint, row[i].text);
      spaces = 0;
    }
    if (!columns_[i].right) spaces += padding;
    spaces += 2;
  }
  return out + "\n";
}

std::string Table::take(const Style& style) {
  std::string out;
  if (widths_.empty()) {
    measure();
    std::vector<Cell> heading;
    for (const Column& column : columns_) heading.emplace_back(column.title, Paint::bold);
    if (std::any_of(columns_.begin(), columns_.end(), [](const Column& c) { return !c.title.empty(); }))
      out += line(heading, style);
  }
  for (const std::vector<Cell>& row : rows_) out += line(row, style);
  rows_.clear();
  return out;
}

}  // namespace ferry::host
