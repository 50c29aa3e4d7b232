#define XXH_INLINE_ALL
#include "host/records/row_content.hpp"

#include <xxhash.h>

#include <cstring>

#include "ferry/canonical.hpp"

namespace ferry::host {
namespace {

// As JSON writes numbers: 007 is a text.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  const std::size_t whole = at;
  const std::size_t count = digits();
  if (count == 0 || (count > 1 && text[whole] == '0')) return false;
  if (at < text.size() && text[at] == '.' && (++at, digits() == 0)) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    if (++at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

void append_scalar(std::string& out, std::string_view text) {
  if (text == "true")
    out += '1';
  else if (text == "false")
    out += '0';
  else if (is_json_number(text))
    ferry::detail::append_canonical_number(out, text);
  else
    out += text;
}

// What cannot be read is not compared: a database may have written it anew in a way that is not known here.
void append_json(std::string& out, std::string_view text) {
  try {
    ferry::detail::CanonicalWriter(out).write(Json::parse(text));
  } catch (const JsonError&) {
    out.assign("unreadable");
  }
}

}  // namespace

void RowContent::add(std::size_t column, ColumnType type, std::string_view text) {
  form_.clear();
  if (type == ColumnType::json)
    append_json(form_, text);
  else
    append_scalar(form_, text);
  const std::uint64_t head[2] = {column, form_.size()};
  bytes_.append(reinterpret_cast<const char*>(head), sizeof head).append(form_);
}

RowHash RowContent::hash() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes_.data(), bytes_.size()));
  RowHash result;
  static_assert(sizeof canonical.digest == sizeof result);
  std::memcpy(result.data(), canonical.digest, sizeof result);
  return result;
}

void RowContent::add_identity(ColumnType type, std::string_view text) {
  if (type == ColumnType::boolean)
    identity_ += text == "1" || text == "true" ? "true" : "false";
  else if ((type == ColumnType::integer || type == ColumnType::number) && is_json_number(text))
    ferry::detail::append_canonical_number(identity_, text);
  else
    identity_ += text;
}

}  // namespace ferry::host
