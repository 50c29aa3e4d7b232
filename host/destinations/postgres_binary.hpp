// Values as PostgreSQL's binary formats have them: in network byte order, each field after its length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferry::host {

// Numbers of types in the server's catalogue, the same in every server.
enum class PostgresType : std::uint32_t { boolean = 16, bigint = 20, text = 25, numeric = 1700, uuid = 2950 };

template <typename Integer>
void put_integer(std::string& out, Integer value) {
  const auto bits = static_cast<std::uint64_t>(value);
  char bytes[sizeof(Integer)];
  for (std::size_t i = 0; i < sizeof bytes; ++i) bytes[i] = static_cast<char>(bits >> 8 * (sizeof bytes - 1 - i));
  out.append(bytes, sizeof bytes);
}

inline void put_field(std::string& out, std::string_view bytes) {
  put_integer(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

inline void put_null(std::string& out) { put_integer(out, static_cast<std::uint32_t>(-1)); }

// Of a timestamptz: microseconds since 2000.
std::int64_t postgres_time(std::int64_t unix_ms);

// number: as JSON writes it; all its digits are kept, but for zeros at the end of a fraction if `shortest`. false: it
// has more digits than the type holds, and nothing was put.
bool put_numeric(std::string& out, std::string_view number, bool shortest);

// A list for one parameter, its elements put as fields one after the other.
class PostgresArray {
 public:
  explicit PostgresArray(PostgresType type) : type_(type) {}
  void add(std::string_view bytes) {
    put_field(elements_, bytes);
    ++count_;
  }
  std::string finish() const;

 private:
  PostgresType type_;
  std::uint32_t count_ = 0;
  std::string elements_;
};

}  // namespace ferry::host
