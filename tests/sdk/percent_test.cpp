#include "ferry/percent.hpp"

#include <gtest/gtest.h>

namespace ferry {
namespace {

TEST(Percent, LeavesLettersDigitsAndTheThreePlainSignsAlone) {
  EXPECT_EQ(percent_encoded("Order-2026_v1.zip"), "Order-2026_v1.zip");
  EXPECT_EQ(percent_encoded(""), "");
}

TEST(Percent, EncodesWhatMeansSomethingInAUrlOrAForm) {
  EXPECT_EQ(percent_encoded("a b+c&d=e/f?g#h%"), "a%20b%2Bc%26d%3De%2Ff%3Fg%23h%25");
  EXPECT_EQ(percent_encoded("~"), "%7E");
}

TEST(Percent, EncodesTextBeyondAsciiByteByByte) {
  EXPECT_EQ(percent_encoded("Gebühr"), "Geb%C3%BChr");
  EXPECT_EQ(percent_encoded(std::string_view("\0\x7f\xff", 3)), "%00%7F%FF");
}

TEST(Percent, LeavesAloneWhatItIsToldTo) {
  EXPECT_EQ(percent_encoded("../a.b", "-_"), "%2E%2E%2Fa%2Eb");
  EXPECT_EQ(percent_encoded("~a.b", "-_.~"), "~a.b");
  EXPECT_EQ(percent_encoded("a-b", ""), "a%2Db");
}

}  // namespace
}  // namespace ferry
