#include "host/base/text.hpp"

#include <gtest/gtest.h>

#include "host/base/clock.hpp"

namespace ferry::host {
namespace {

TEST(Text, SuggestsTheNearestKnownName) {
  EXPECT_EQ(nearest("conection", {"connection", "stage"}), "connection");
  EXPECT_EQ(nearest("zzz", {"connection", "stage"}), "");
  EXPECT_EQ(suggestion("stgae", {"connection", "stage"}), "; did you mean \"stage\"?");
  EXPECT_EQ(suggestion("zzz", {"a", "b"}), "; known: a, b");
}

TEST(Text, KeepsTerminalsSafeFromOutsideText) {
  EXPECT_EQ(printable("a\x1b[31mb\nc"), "a?[31mb c");
  EXPECT_EQ(valid_utf8("a\xff\xc0\xaf"
                       "b"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(valid_utf8("grün €"), "grün €");
}

TEST(Text, CutsAtACharacterBoundary) { EXPECT_EQ(shortened("aä", 2), "a … (2 more bytes)"); }

TEST(Text, WritesTimesAsRfc3339) { EXPECT_EQ(rfc3339(1737971051843), "2025-01-27T09:44:11.843Z"); }

}  // namespace
}  // namespace ferry::host
