// JSON kept as it was sent: a value is a slice of the text, read in place, and an object is changed by exchanging
// slices.
//
// A sync pack holds documents of many megabytes in single strings; a tree of it would cost the sandbox more than the
// client it is measured with. What is not understood is handed on byte for byte, as a platform's store would.
// Slices do not own their text. Threads: values, share freely. Failures: BadRequest for what is no JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox::smartiq {

class Slice {
 public:
  enum class Type { null, boolean, number, string, array, object };

  // The one value `text` consists of.
  static Slice parse(std::string_view text);

  Type type() const;
  bool is(Type wanted) const { return type() == wanted; }
  std::string_view raw() const { return raw_; }

  // Empty for what is no array, no object.
  std::vector<Slice> elements() const;
  std::vector<std::pair<std::string, Slice>> members() const;
  // Names are compared without case: clients send "UserName" and "username", and both are understood.
  std::optional<Slice> member(std::string_view name) const;

  std::string string() const;  // decoded; "" for what is no string
  bool is_true() const { return raw_ == "true"; }
  std::vector<std::string> strings() const;  // the strings of an array

 private:
  explicit Slice(std::string_view raw) : raw_(raw) {}
  std::string_view raw_;
};

std::string lower(std::string_view text);

// The text as a JSON string, with its quotes.
std::string quoted(std::string_view text);
std::string quoted_list(const std::vector<std::string>& texts);

// The object with this member set to a JSON value: in its old place, or added at the end.
std::string with_member(std::string_view object, std::string_view name, std::string_view value);

// Writes an object, member by member.
class ObjectText {
 public:
  ObjectText& raw(std::string_view name, std::string_view value);
  ObjectText& text(std::string_view name, std::string_view value) { return raw(name, quoted(value)); }
  ObjectText& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  ObjectText& list(std::string_view name, const std::vector<std::string>& values) {
    return raw(name, quoted_list(values));
  }
  std::string done() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

}  // namespace sandbox::smartiq
