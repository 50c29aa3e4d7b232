// Content that is the same whenever the seed is: a small generator of numbers, and ids that follow from a name alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbox {

// The same sequence for the same seed and purpose, on every machine.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view purpose);
  std::uint64_t next();
  std::uint64_t below(std::uint64_t limit);  // 0 <= result < limit; limit > 0
  std::string bytes(std::size_t size);
  std::string hex(std::size_t digits);

 private:
  std::uint64_t state_;
};

std::string uuid_of(std::uint64_t seed, std::string_view name);  // "8f0c4b6e-...": version 4 in form
std::string hex_of(std::uint64_t seed, std::string_view name, std::size_t digits = 24);

// "2025-01-27T09:44:11.843Z" of epoch milliseconds.
std::string iso_time(std::int64_t epoch_ms);

}  // namespace sandbox
