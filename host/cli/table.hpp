// A table for people: columns aligned by display width, no lines drawn, headings in capitals.
//
// Rows can be taken out piece by piece; the widths are then those of the first piece, and what is wider later sticks
// out.
#pragma once

#include <string>
#include <vector>

#include "host/cli/display.hpp"

namespace ferry::host {

class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;
  };
  struct Cell {
    Cell(std::string cell_text = "", Paint cell_paint = Paint::plain) : text(std::move(cell_text)), paint(cell_paint) {}
    Cell(const char* cell_text) : text(cell_text) {}
    std::string text;
    Paint paint = Paint::plain;
  };

  // Without titles no heading is printed.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void indent(std::size_t columns) { indent_ = columns; }
  // Control characters in the cells are replaced.
  void add(std::vector<Cell> row);
  std::size_t rows() const noexcept { return rows_.size(); }
  // The rows added since it was called last, before the first of them the heading.
  std::string take(const Style&);

 private:
  void measure();
  std::string line(const std::vector<Cell>&, const Style&) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> widths_;
  std::size_t indent_ = 0;
};

}  // namespace ferry::host
