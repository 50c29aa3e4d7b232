#include "samples/sandbox/core/seeded.hpp"

#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <cstring>

namespace sandbox {

Random::Random(std::uint64_t seed, std::string_view purpose) : state_(seed ^ 0xcbf29ce484222325u) {
  for (const char character : purpose) state_ = (state_ ^ static_cast<unsigned char>(character)) * 0x100000001b3u;
  next();
}

// splitmix64: every state gives a good number, so that neighbouring seeds differ wholly.
std::uint64_t Random::next() {
  std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15u);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

std::uint64_t Random::below(std::uint64_t limit) { return next() % limit; }

std::string Random::bytes(std::size_t size) {
  std::string made(size, '\0');
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const std::uint64_t number = next();
    std::memcpy(made.data() + at, &number, std::min(sizeof number, size - at));
  }
  return made;
}

std::string Random::hex(std::size_t digits) {
  std::string made;
  while (made.size() < digits) {
    std::uint64_t number = next();
    for (int digit = 0; digit < 16 && made.size() < digits; ++digit, number >>= 4) {
      made += "0123456789abcdef"[number & 15];
    }
  }
  return made;
}

std::string uuid_of(std::uint64_t seed, std::string_view name) {
  Random random(seed, name);
  std::string digits = random.hex(32);
  digits[12] = '4';
  digits[16] = "89ab"[random.below(4)];
  return digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' + digits.substr(16, 4) +
         '-' + digits.substr(20);
}

std::string hex_of(std::uint64_t seed, std::string_view name, std::size_t digits) {
  return Random(seed, name).hex(digits);
}

std::string iso_time(std::int64_t epoch_ms) {
  return Poco::DateTimeFormatter::format(Poco::Timestamp(epoch_ms * 1000), "%Y-%m-%dT%H:%M:%S.%iZ");
}

}  // namespace sandbox
