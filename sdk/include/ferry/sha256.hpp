// ferry/sha256.hpp - SHA-256 (FIPS 180-4), for content hashes: portable C++, and the processor's own instructions where
// it has them.
//
// One-shot: sha256_hex(text). In pieces: Sha256 hash; hash.update(piece); ...; hash.hex(). After hex() or digest() the
// object is used up until reset(). Values are ordinary, no allocation but for the text returned, nothing fails.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#if defined(__x86_64__) && defined(__GNUC__)
#define FERRY_SHA256_X86 1
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace ferry {

namespace detail {

// Takes `count` blocks of 64 bytes into the state. One class for each way to do it; a test compares them.
class Sha256Portable {
 public:
  using State = std::array<std::uint32_t, 8>;

  static constexpr std::array<std::uint32_t, 64> k = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

  static void compress(State& state, const std::uint8_t* block, std::size_t count) noexcept {
    for (; count != 0; --count, block += 64) {
      Words w;
      for (std::size_t i = 0; i < 16; ++i) w[i] = big_endian(block + 4 * i);
      auto [a, b, c, d, e, f, g, h] = state;
      for (std::size_t i = 0; i < 64; i += 8) {
        const auto word = [&](std::size_t j) { return k[i + j] + (i < 16 ? w[i + j] : schedule(w, i + j)); };
        round(a, b, c, d, e, f, g, h, word(0));
        round(h, a, b, c, d, e, f, g, word(1));
        round(g, h, a, b, c, d, e, f, word(2));
        round(f, g, h, a, b, c, d, e, word(3));
        round(e, f, g, h, a, b, c, d, word(4));
        round(d, e, f, g, h, a, b, c, word(5));
        round(c, d, e, f, g, h, a, b, word(6));
        round(b, c, d, e, f, g, h, a, word(7));
      }
      const State next = {a, b, c, d, e, f, g, h};
      for (std::size_t i = 0; i < 8; ++i) state[i] += next[i];
    }
  }

 private:
  using Words = std::array<std::uint32_t, 16>;

  static std::uint32_t big_endian(const std::uint8_t* at) noexcept {
    return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | std::uint32_t{at[3]};
  }
  // The message schedule in a ring of 16 words: word i, from word 16 on, replaces word i - 16.
  static std::uint32_t schedule(Words& w, std::size_t i) noexcept {
    const std::uint32_t early = w[(i + 1) & 15], late = w[(i + 14) & 15];
    w[i & 15] += (std::rotr(early, 7) ^ std::rotr(early, 18) ^ early >> 3) + w[(i + 9) & 15] +
                 (std::rotr(late, 17) ^ std::rotr(late, 19) ^ late >> 10);
    return w[i & 15];
  }
  // One round without moving the eight words: the caller rotates their names instead.
  static void round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d, std::uint32_t e,
                    std::uint32_t f, std::uint32_t g, std::uint32_t& h, std::uint32_t word) noexcept {
    h += (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + (g ^ (e & (f ^ g))) + word;
    d += h;
    h += (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) | (c & (a | b)));
  }
};

#ifdef FERRY_SHA256_X86
class Sha256X86 {
 public:
  static bool available() noexcept {
    static const bool found = [] {
      unsigned a = 0, b = 0, c = 0, d = 0;
      const bool shuffles = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSSE3) != 0 && (c & bit_SSE4_1) != 0;
      return shuffles && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
    }();
    return found;
  }

  __attribute__((target("sha,sse4.1,ssse3"))) static void compress(Sha256Portable::State& state,
                                                                   const std::uint8_t* block,
                                                                   std::size_t count) noexcept {
    // The instructions want the eight words as ABEF and CDGH, highest word first.
    const __m128i dcba = load(state.data()), hgfe = load(state.data() + 4);
    const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    for (; count != 0; --count, block += 64) {
      const __m128i abef_before = abef, cdgh_before = cdgh;
      __m128i words[4];  // the latest sixteen of the schedule
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) {
        __m128i& now = words[i & 3];
        const __m128i &second = words[(i + 1) & 3], &third = words[(i + 2) & 3], &last = words[(i + 3) & 3];
        if (i < 4)
          now = _mm_shuffle_epi8(load(block + 16 * i), big_endian);
        else
          now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, second), _mm_alignr_epi8(last, third, 4)),
                                     last);
        const __m128i keyed = _mm_add_epi32(now, load(Sha256Portable::k.data() + 4 * i));
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, keyed);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(keyed, 0x0E));
      }
      abef = _mm_add_epi32(abef, abef_before);
      cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    store(state.data(), _mm_blend_epi16(feba, dchg, 0xF0));
    store(state.data() + 4, _mm_alignr_epi8(dchg, feba, 8));
  }

 private:
  static __m128i load(const void* at) noexcept { return _mm_loadu_si128(static_cast<const __m128i*>(at)); }
  static void store(void* at, __m128i value) noexcept { _mm_storeu_si128(static_cast<__m128i*>(at), value); }
};
#endif

}  // namespace detail

class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  void reset() noexcept { *this = Sha256(); }

  void update(std::string_view piece) noexcept {
    if (piece.empty()) return;
    const auto* at = reinterpret_cast<const std::uint8_t*>(piece.data());
    std::size_t left = piece.size();
    const std::size_t buffered = static_cast<std::size_t>(total_ % block_size);
    total_ += left;
    if (buffered != 0) {
      const std::size_t taken = std::min(left, block_size - buffered);
      std::memcpy(buffer_.data() + buffered, at, taken);
      if (buffered + taken < block_size) return;
      compress(buffer_.data(), 1);
      at += taken;
      left -= taken;
    }
    compress(at, left / block_size);
    if (left % block_size != 0) std::memcpy(buffer_.data(), at + left / block_size * block_size, left % block_size);
  }

  Digest digest() noexcept {
    const std::uint64_t bits = total_ * 8;
    std::size_t used = static_cast<std::size_t>(total_ % block_size);
    buffer_[used++] = 0x80;
    if (used > block_size - 8) {
      std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(used), buffer_.end(), std::uint8_t{0});
      compress(buffer_.data(), 1);
      used = 0;
    }
    std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(used), buffer_.end(), std::uint8_t{0});
    for (std::size_t i = 0; i < 8; ++i) buffer_[block_size - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i) & 0xff);
    compress(buffer_.data(), 1);
    Digest out;
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t byte = 0; byte < 4; ++byte)
        out[4 * i + byte] = static_cast<std::uint8_t>(state_[i] >> (24 - 8 * byte) & 0xff);
    return out;
  }

  std::string hex() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(64);
    for (const std::uint8_t byte : digest()) {
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
    return out;
  }

 private:
  static constexpr std::size_t block_size = 64;

  void compress(const std::uint8_t* block, std::size_t count) noexcept {
#ifdef FERRY_SHA256_X86
    if (detail::Sha256X86::available()) return detail::Sha256X86::compress(state_, block, count);
#endif
    detail::Sha256Portable::compress(state_, block, count);
  }

  detail::Sha256Portable::State state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, block_size> buffer_{};
  std::uint64_t total_ = 0;
};

inline std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

}  // namespace ferry
