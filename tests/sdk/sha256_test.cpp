#include "ferry/sha256.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ferry {
namespace {

TEST(Sha256, GivesTheDigestsOfTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      sha256_hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
                 "mnopqrstnopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Every length around the block size, cut at every place: buffering has no seam.
TEST(Sha256, DoesNotDependOnHowTheTextComes) {
  std::string text;
  for (int length = 0; length <= 200; ++length) {
    const std::string whole = sha256_hex(text);
    for (std::size_t cut = 0; cut <= text.size(); cut += 1 + text.size() / 20) {
      Sha256 hash;
      hash.update(std::string_view(text).substr(0, cut));
      hash.update("");
      hash.update(std::string_view(text).substr(cut));
      ASSERT_EQ(hash.hex(), whole) << length << " bytes, cut at " << cut;
    }
    Sha256 bytewise;
    for (const char& byte : text) bytewise.update({&byte, 1});
    ASSERT_EQ(bytewise.hex(), whole);
    text += static_cast<char>('A' + length % 50);
  }
}

#ifdef FERRY_SHA256_X86
TEST(Sha256, TheProcessorsInstructionsGiveWhatThePortableWayGives) {
  if (!detail::Sha256X86::available()) GTEST_SKIP() << "this processor has no SHA instructions";
  std::mt19937 random(7);
  detail::Sha256Portable::State portable{}, instructions{};
  for (std::size_t count = 0; count < 40; ++count) {
    std::vector<std::uint8_t> blocks(count * 64 + 1);
    for (std::uint8_t& byte : blocks) byte = static_cast<std::uint8_t>(random());
    for (std::uint32_t& word : portable) word ^= static_cast<std::uint32_t>(random());
    instructions = portable;
    const std::uint8_t* const start = blocks.data() + count % 2;  // aligned or not
    detail::Sha256Portable::compress(portable, start, count);
    detail::Sha256X86::compress(instructions, start, count);
    ASSERT_EQ(instructions, portable) << count << " blocks";
  }
}
#endif

TEST(Sha256, BeginsAgainAfterReset) {
  Sha256 hash;
  hash.update("something else");
  hash.reset();
  hash.update("abc");
  EXPECT_EQ(hash.hex(), sha256_hex("abc"));
}

}  // namespace
}  // namespace ferry
