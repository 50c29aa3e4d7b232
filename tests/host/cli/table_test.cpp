#include "host/cli/table.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

TEST(Display, CountsTheColumnsATerminalNeeds) {
  const struct {
    const char* text;
    std::size_t width;
  } table[] = {{"", 0}, {"abc", 3}, {"grün", 4}, {"日本", 4}, {"e\u0301", 1}, {"🚢x", 3}, {"한", 2}, {"\xff", 1}};
  for (const auto& row : table) EXPECT_EQ(display_width(row.text), row.width) << row.text;
}

TEST(Display, CutsAtACharacterAndSaysSo) {
  EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_width("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(Display, ColoursOnlyWhereColourIsWanted) {
  EXPECT_EQ(Style(false)(Paint::red, "x"), "x");
  EXPECT_EQ(Style(true)(Paint::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Style(true)(Paint::plain, "x"), "x");
}

TEST(Table, AlignsByDisplayWidthAndEndsNoLineWithBlanks) {
  Table table({{"NAME"}, {"COUNT", true}, {"NOTE"}});
  table.add({"日本", "7", "first"});
  table.add({"grün", "1234567", ""});
  EXPECT_EQ(table.take(Style()),
            "NAME    COUNT  NOTE\n"
            "日本        7  first\n"
            "grün  1234567\n");
}

TEST(Table, ColourDoesNotMoveColumns) {
  Table table({{""}, {""}});
  table.indent(1);
  table.add({{"a", Paint::green}, "x"});
  table.add({"bbb", "y"});
  EXPECT_EQ(table.take(Style(true)), " \x1b[32ma\x1b[0m    x\n bbb  y\n");
}

TEST(Table, ComesOutInPiecesWithOneHeading) {
  Table table({{"A"}, {"B"}});
  table.add({"1", "2"});
  EXPECT_EQ(table.take(Style()), "A  B\n1  2\n");
  table.add({"wide", "3"});
  EXPECT_EQ(table.take(Style()), "wide  3\n");
}

TEST(Table, LetsNoControlCharactersThrough) {
  Table table({{""}});
  table.add({"a\x1b[2Jb\nc"});
  EXPECT_EQ(table.take(Style()), "a?[2Jb c\n");
}

}  // namespace
}  // namespace ferry::host
