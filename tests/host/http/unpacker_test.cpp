#include "host/http/unpacker.hpp"

#include <gtest/gtest.h>

#include "host/http/transport_error.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::host {
namespace {

using test::gzipped;

std::string unpacked(std::string_view packed, bool gzip, std::size_t step, int ratio = 200) {
  Unpacker unpacker(gzip, ratio);
  std::string out;
  for (std::size_t at = 0; at < packed.size(); at += step)
    unpacker.write(packed.substr(at, step), [&](std::string_view piece) { out.append(piece); });
  unpacker.finish();
  return out;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919 % 100'003) + ",";
  return text;
}

TEST(Unpacker, EveryFormatInPiecesOfEverySize) {
  const std::string text = long_text();
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{1000}, std::size_t{10'000'000}}) {
    EXPECT_EQ(unpacked(gzipped(text), true, step), text);
    EXPECT_EQ(unpacked(gzipped(text, 15), false, step), text);   // zlib
    EXPECT_EQ(unpacked(gzipped(text, -15), false, step), text);  // bare deflate
    EXPECT_EQ(unpacked(gzipped("one, ") + gzipped("two"), true, step), "one, two");
    EXPECT_EQ(unpacked(gzipped("padded") + std::string(8, '\0'), true, step), "padded");
  }
  EXPECT_EQ(unpacked("", true, 1), "");
}

TEST(Unpacker, IncompleteOrDamagedIsTruncated) {
  const std::string packed = gzipped(long_text());
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
  for (const std::string& wrong :
       {packed.substr(0, packed.size() - 1), packed.substr(0, 5), damaged, std::string("<html>")}) {
    try {
      unpacked(wrong, true, 4096);
      ADD_FAILURE();
    } catch (const TransportError& error) {
      EXPECT_EQ(error.trouble(), Trouble::truncated);
    }
  }
}

TEST(Unpacker, ABombIsStoppedEarly) {
  const std::string bomb = gzipped(std::string(200u << 20, 'x'));
  Unpacker unpacker(true, 200);
  std::size_t out = 0;
  try {
    unpacker.write(bomb, [&](std::string_view piece) { out += piece.size(); });
    ADD_FAILURE();
  } catch (const TransportError& error) {
    EXPECT_EQ(error.trouble(), Trouble::too_large);
  }
  EXPECT_LE(out, bomb.size() * 201);
}

}  // namespace
}  // namespace ferry::host
