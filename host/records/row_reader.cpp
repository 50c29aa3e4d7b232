#define XXH_INLINE_ALL
#include "host/records/row_reader.hpp"

#include <xxhash.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "ferry/json_scanner.hpp"
#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t most_places = 4096, most_left_out = 4;
constexpr int digits_of_a_double = 15;  // every decimal of so many significant digits survives it and back

void unescape(std::string_view inside, std::string& out) {
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t escape = std::min(inside.find('\\', at), inside.size());
    out.append(inside, at, escape - at);
    at = escape;
    if (at == inside.size()) return;
    const JsonEscape found = JsonEscape::read(inside.substr(at));
    // Half of a surrogate pair is no character; what stands in its place is that of Unicode for such a case.
    detail::append_utf8(out, found.is_half() ? 0xFFFDu : found.code);
    at += found.length;
  }
}

int significant_digits(std::string_view number) {
  int digits = 0;
  for (const char c : number) {
    if (c == 'e' || c == 'E') break;
    if (c >= '0' && c <= '9' && (digits > 0 || c != '0')) ++digits;
  }
  return digits;
}

Value number_value(std::string_view token) {
  Value value{Value::decimal, {}, token};
  const char* end = token.data() + token.size();
  if (token.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t whole = 0;
    if (std::from_chars(token.data(), end, whole).ec == std::errc()) {
      value.kind = Value::integer;
      value.integer_value = whole;
    }
    return value;
  }
  if (significant_digits(token) > digits_of_a_double) return value;
  double real = 0;
  if (std::from_chars(token.data(), end, real).ec != std::errc()) return value;
  if (real != 0 && std::fabs(real) < 1e-290) return value;  // near the smallest there are, digits get lost
  value.kind = Value::real;
  value.real_value = real;
  return value;
}

ColumnType natural_type(const Value& value) {
  switch (value.kind) {
    case Value::boolean: return ColumnType::boolean;
    case Value::integer: return ColumnType::integer;
    case Value::real:
    case Value::decimal: return ColumnType::number;
    case Value::json: return ColumnType::json;
    default: return ColumnType::text;
  }
}

bool is_number(const Value& value) {
  return value.kind == Value::integer || value.kind == Value::real || value.kind == Value::decimal;
}

bool holds(ColumnType type, const Value& value) {
  switch (type) {
    case ColumnType::boolean: return value.kind == Value::boolean;
    case ColumnType::integer: return value.kind == Value::integer;
    case ColumnType::number: return is_number(value);
    case ColumnType::text: return value.kind != Value::json;
    case ColumnType::json: return true;
  }
  return false;
}

// A number of a double or a decimal in an integer column may still be a number that only JSON writes so.
std::string article_of(const Value& value) {
  switch (value.kind) {
    case Value::boolean: return "a boolean";
    case Value::integer: return "an integer";
    case Value::real: return "a number with a fraction";
    case Value::decimal: return "a number beyond 64 bits";
    case Value::json: return value.text_value.starts_with('{') ? "an object" : "a list";
    default: return "a text";
  }
}

}  // namespace

RowReader::RowReader(std::string stream, Layout layout, RowRules rules)
    : stream_(std::move(stream)), layout_(std::move(layout)), rules_(std::move(rules)) {
  for (const Column& column : layout_.columns())
    seeds_.push_back(XXH3_64bits(column.member.data(), column.member.size()));
  slots_.resize(layout_.size());
}

std::unique_ptr<RowBatch> RowReader::read(std::string_view lines, std::uint64_t count, std::unique_ptr<RowBatch> used) {
  std::unique_ptr<RowBatch> batch = used ? std::move(used) : std::make_unique<RowBatch>();
  batch->clear();
  batch->stream = stream_;
  batch->lines.assign(lines);
  batch->rows.reserve(count);
  batch->values.reserve(count * layout_.size());
  batch->width = layout_.size();
  for (std::string_view rest = batch->lines; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    read_record(rest.substr(0, end), *batch);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (batch->records != count)
    throw Failure(Fault::connector, "bad_record",
                  "reading " + stream_ + ": it delivered a batch said to hold " + std::to_string(count) +
                      " records, which holds " + std::to_string(batch->records));
  return batch;
}

void RowReader::read_record(std::string_view line, RowBatch& batch) {
  ++batch.records;
  for (Value& slot : slots_) slot.kind = Value::null;
  removed_ = false;
  wrong_.clear();
  try {
    JsonScanner scanner(line);
    JsonScanner::Scope scope = scanner.begin_object();
    // Records nearly always have the members of the one before, in its order; some leave out a few.
    for (std::size_t place = 0;; place = std::min(place + 1, most_places)) {
      const std::size_t end = std::min(place + most_left_out + 1, order_.size());
      std::size_t found = place;
      while (found < end && !scanner.pass_member(scope, order_[found].written)) ++found;
      if (found < end) {
        place = found;
      } else {
        const auto name = scanner.next_member(scope);
        if (!name) break;
        meet(place, *name, scanner.escaped());
      }
      const std::string_view token = scanner.value();
      Member& member = order_[place];
      if (member.column == no_column) member.column = column_of(member.name, batch, token);
      if (member.column != no_column) set(member.column, token, scanner.escaped(), batch);
      if (member.says_removed) removed_ = token != "null" && token != "false";
    }
    scanner.finish();
  } catch (const JsonError& error) {
    throw Failure(Fault::connector, "bad_record",
                  "reading " + stream_ + ": it delivered a record that is no JSON object (" + error.what() +
                      "): " + printable(shortened(line, 120)));
  }
  if (line.size() > rules_.longest_record)
    return reject(batch, line, "too_large",
                  "it has " + human_bytes(line.size()) + ", more than the " + human_bytes(rules_.longest_record) +
                      " a record may have");
  if (!wrong_.empty()) return reject(batch, line, "wrong_type", wrong_);
  if (!has_identity())
    return reject(batch, line, "no_identity",
                  "it has no value for " + layout_.columns()[layout_.key()[0]].member + ", by which records are known");
  batch.values.insert(batch.values.end(), slots_.begin(), slots_.end());
  batch.rows.push_back({hash(), removed_, line});
}

// The next record's member at this place is expected to be this one.
void RowReader::meet(std::size_t place, std::string_view name, bool escaped) {
  Member member;
  member.written.append(place == 0 ? "\"" : ",\"").append(name).append("\":");
  if (escaped)
    unescape(name, member.name);
  else
    member.name = name;
  member.says_removed = !rules_.removed_when.empty() && member.name == rules_.removed_when;
  if (const auto found = layout_.find(member.name)) member.column = *found;
  if (place == order_.size())
    order_.push_back(std::move(member));
  else
    order_[place] = std::move(member);
}

// Of a member that had no column when it was met.
std::size_t RowReader::column_of(const std::string& name, RowBatch& batch, std::string_view value) {
  if (const auto found = layout_.find(name)) return *found;
  if (value == "null") return no_column;  // says nothing of what it would be
  if (rules_.contract == Contract::discard) {
    ++batch.dropped_members;
    return no_column;
  }
  forbid("records have a new member, \"" + name + "\"");
  Value example = value.front() == '"'                           ? Value{Value::text, {}, value}
                  : value.front() == '{' || value.front() == '[' ? Value{Value::json, {}, value}
                  : value.front() == 't' || value.front() == 'f' ? Value{Value::boolean, {}, value}
                                                                 : number_value(value);
  batch.changes.push_back(layout_.add({name, natural_type(example), false}));
  seeds_.push_back(XXH3_64bits(name.data(), name.size()));
  // The rows before it have nothing in the new column.
  std::vector<Value> wider;
  wider.reserve((batch.rows.size() + 64) * layout_.size());
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    const std::span<const Value> old = batch.row(row);
    wider.insert(wider.end(), old.begin(), old.end());
    wider.emplace_back();
  }
  batch.values = std::move(wider);
  batch.width = layout_.size();
  slots_.emplace_back();
  return layout_.size() - 1;
}

void RowReader::set(std::size_t column, std::string_view token, bool escaped, RowBatch& batch) {
  Value& value = slots_[column];
  switch (token.front()) {
    case 'n': value = {}; return;
    case 't': value = {Value::boolean, {1}, token}; break;
    case 'f': value = {Value::boolean, {0}, token}; break;
    case '"':
      value = {Value::text, {}, token};
      if (layout_.columns()[column].type == ColumnType::json) {
        value.kind = Value::json;  // as the JSON it is, with its quotes
        return;
      }
      take_text(value, token.substr(1, token.size() - 2), escaped, batch);
      break;
    case '{':
    case '[': value = {Value::json, {}, token}; break;
    default: value = number_value(token);
  }
  const ColumnType type = layout_.columns()[column].type;
  if (!holds(type, value) && !fit(column, value, batch)) return;
  if (layout_.columns()[column].type == ColumnType::text) value.kind = Value::text;
  if (layout_.columns()[column].type == ColumnType::json) value.kind = Value::json;
}

void RowReader::take_text(Value& value, std::string_view inside, bool escaped, RowBatch& batch) const {
  if (!escaped) {
    value.text_value = inside;
    return;
  }
  std::string& plain = batch.unescaped.emplace_back();
  plain.reserve(inside.size());
  unescape(inside, plain);
  value.text_value = plain;
}

// Widens the column if it may; else the record does not fit.
bool RowReader::fit(std::size_t column, Value& value, RowBatch& batch) {
  const Column& held = layout_.columns()[column];
  const std::optional<ColumnType> type = wider(held.type, natural_type(value));
  const std::string found = "its " + held.member + " is " + article_of(value) + " (" +
                            printable(shortened(value.text_value, 60)) + ") where " +
                            std::string(type_word(held.type)) + " is expected";
  if (held.key || !type || rules_.contract == Contract::discard) {
    wrong_ = found;
    return false;
  }
  forbid("of a record, " + found);
  // What is an integer by its type only, beyond 64 bits, becomes a number.
  widen(column, held.type == ColumnType::integer && is_number(value) ? ColumnType::number : *type, batch);
  return true;
}

void RowReader::widen(std::size_t column, ColumnType type, RowBatch& batch) {
  batch.changes.push_back(layout_.widen(column, type));
  if (type != ColumnType::text) return;
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    Value& earlier = batch.values[row * batch.width + column];
    if (earlier.kind != Value::null) earlier.kind = Value::text;
  }
}

void RowReader::forbid(const std::string& what) const {
  if (rules_.contract != Contract::freeze) return;
  throw Failure(Fault::guard, "schema_frozen",
                "the schema of " + stream_ + " is frozen (contract: freeze), and " + what +
                    "; set the contract of the model to evolve or discard to take it");
}

void RowReader::reject(RowBatch& batch, std::string_view record, std::string code, std::string reason) const {
  batch.rejected.push_back({identity_text(), std::move(code), std::move(reason), record});
}

bool RowReader::has_identity() const {
  for (const std::size_t index : layout_.key())
    if (slots_[index].kind == Value::null || slots_[index].text_value.empty()) return false;
  return true;
}

std::string RowReader::identity_text() const {
  std::string text;
  for (const std::size_t index : layout_.key())
    if (slots_[index].kind != Value::null) {
      if (!text.empty()) text += '/';
      text += shortened(slots_[index].text_value, 200);
    }
  return text;
}

RowHash RowReader::hash() {
  std::size_t most = 0;
  for (const Value& value : slots_) most += value.text_value.size() + 2 * sizeof(std::uint64_t);
  if (hashed_.size() < most) hashed_.resize(most * 2);
  char* end = hashed_.data();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Value& value = slots_[i];
    if (value.kind == Value::null) continue;
    const std::uint64_t head[2] = {seeds_[i], value.text_value.size()};
    std::memcpy(end, head, sizeof head);
    std::memcpy(end + sizeof head, value.text_value.data(), value.text_value.size());
    end += sizeof head + value.text_value.size();
  }
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(hashed_.data(), static_cast<std::size_t>(end - hashed_.data())));
  RowHash result;
  static_assert(sizeof canonical.digest == sizeof result);
  std::memcpy(result.data(), canonical.digest, sizeof result);
  return result;
}

}  // namespace ferry::host
