#include "host/destinations/postgres_chunk.hpp"

#include <cstring>
#include <functional>

namespace ferry::host {
namespace {

constexpr std::size_t longest_key = 2600;  // bytes of an entry of an index, with room for what stands around it

std::uint32_t length_at(std::string_view bytes, std::size_t at) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
  return length;
}

PostgresType type_number(ColumnType type) {
  switch (type) {
    case ColumnType::boolean: return PostgresType::boolean;
    case ColumnType::integer: return PostgresType::bigint;
    case ColumnType::number: return PostgresType::numeric;
    default: return PostgresType::text;
  }
}

}  // namespace

void PostgresChunk::begin(const PostgresModel& model, const std::vector<bool>& sent, std::int64_t run,
                          std::int64_t now) {
  clear();
  slots_.assign(1024, 0);
  sent_ = sent;
  others_.clear();
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (sent[i] && !model.state.layout.columns()[i].key) others_.push_back(i);
  fields_ = static_cast<std::uint16_t>(model.state.layout.key().size() + others_.size() + 4);
  std::string time, number;
  put_integer(time, postgres_time(now));
  put_integer(number, run);
  tail_live_.clear();
  put_field(tail_live_, time);
  tail_removed_ = tail_live_;
  put_null(tail_live_);
  put_field(tail_removed_, time);
  put_field(tail_live_, number);
  put_field(tail_removed_, number);
}

void PostgresChunk::clear() {
  rows_.clear();
  texts_.clear();
  entries_.clear();
}

std::optional<std::string> PostgresChunk::add(const PostgresModel& model, std::span<const Value> values,
                                              const Row& row) {
  const std::vector<Column>& columns = model.state.layout.columns();
  const std::size_t begin = rows_.size(), identity = texts_.size();
  const auto refuse = [&](std::string reason) {
    rows_.resize(begin);
    return reason;
  };
  put_integer(rows_, fields_);
  for (const std::size_t i : model.state.layout.key())
    if (auto reason = put(model.key_type(i), true, values[i]))
      return refuse("its " + columns[i].member + " " + *reason);
  const std::size_t key_end = rows_.size();
  if (key_end - begin > longest_key) return refuse("its identity is longer than PostgreSQL can keep in an index");
  for (const std::size_t i : others_)
    if (auto reason = put(columns[i].type, false, values[i])) return refuse("its " + columns[i].member + " " + *reason);
  put_field(rows_, {reinterpret_cast<const char*>(row.hash.data()), row.hash.size()});
  rows_.append(row.removed ? tail_removed_ : tail_live_);
  const std::uint32_t earlier = supersede(bytes_of(begin + 2, key_end));
  for (const std::size_t i : model.state.layout.key()) {
    if (texts_.size() != identity) texts_ += '/';
    texts_.append(values[i].text_value);
  }
  entries_.push_back({begin, key_end, rows_.size(), identity, texts_.size(), row.hash, row.removed, false, earlier});
  texts_.append(row.record);
  return std::nullopt;
}

std::optional<std::string> PostgresChunk::put(ColumnType type, bool key, const Value& value) {
  if (value.kind == Value::null) {
    put_null(rows_);
    return std::nullopt;
  }
  const std::string_view text = value.text_value;
  switch (type) {
    case ColumnType::boolean:
      put_integer(rows_, std::uint32_t(1));
      rows_ += value.integer_value != 0 ? '\1' : '\0';
      break;
    case ColumnType::integer:
      put_integer(rows_, std::uint32_t(8));
      put_integer(rows_, value.integer_value);
      break;
    case ColumnType::number:
      if (!put_numeric(rows_, text, key)) return "has more digits than PostgreSQL keeps";
      break;
    case ColumnType::json:
      put_integer(rows_, static_cast<std::uint32_t>(text.size() + 1));
      rows_ += '\1';  // the version of the format
      rows_.append(text);
      break;
    case ColumnType::text:
      if (std::memchr(text.data(), '\0', text.size()) != nullptr)
        return "has a character of code 0, which PostgreSQL keeps in no text";
      put_field(rows_, text);
  }
  return std::nullopt;
}

// Enters the identity of the row that is about to become an entry; an earlier one of the same is superseded. How many
// there are.
std::uint32_t PostgresChunk::supersede(std::string_view key) {
  const auto place = [&](std::string_view wanted) -> std::uint32_t& {
    std::size_t at = std::hash<std::string_view>()(wanted) & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
      const Entry& there = entries_[slots_[at] - 1];
      if (bytes_of(there.begin + 2, there.key_end) == wanted) break;
    }
    return slots_[at];
  };
  if (entries_.size() * 2 >= slots_.size()) {
    slots_.assign(slots_.size() * 2, 0);
    for (std::size_t i = 0; i < entries_.size(); ++i)
      place(bytes_of(entries_[i].begin + 2, entries_[i].key_end)) = static_cast<std::uint32_t>(i + 1);
  }
  std::uint32_t& slot = place(key);
  std::uint32_t earlier = 0;
  if (slot != 0) {
    entries_[slot - 1].superseded = true;
    earlier = entries_[slot - 1].earlier + 1;
  }
  slot = static_cast<std::uint32_t>(entries_.size() + 1);
  return earlier;
}

std::string_view PostgresChunk::identity(std::size_t index) const {
  return std::string_view(texts_).substr(entries_[index].identity, entries_[index].record - entries_[index].identity);
}

std::string_view PostgresChunk::record(std::size_t index) const {
  const std::size_t end = index + 1 < entries_.size() ? entries_[index + 1].identity : texts_.size();
  return std::string_view(texts_).substr(entries_[index].record, end - entries_[index].record);
}

std::string_view PostgresChunk::first_key(std::size_t index) const {
  const std::size_t at = entries_[index].begin + 2;
  return bytes_of(at + 4, at + 4 + length_at(rows_, at));
}

std::string PostgresChunk::keys(const PostgresModel& model, std::size_t part,
                                const std::vector<std::size_t>& chosen) const {
  PostgresArray array(type_number(model.key_type(model.state.layout.key()[part])));
  for (const std::size_t index : chosen) {
    std::size_t at = entries_[index].begin + 2;
    for (std::size_t before = 0; before < part; ++before) at += 4 + length_at(rows_, at);
    array.add(bytes_of(at + 4, at + 4 + length_at(rows_, at)));
  }
  return array.finish();
}

}  // namespace ferry::host
