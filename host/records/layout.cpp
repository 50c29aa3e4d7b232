#include "host/records/layout.hpp"

#include <Poco/JSON/Array.h>

#include <algorithm>
#include <array>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

constexpr std::array<std::string_view, 5> words = {"boolean", "integer", "number", "text", "json"};

void widen_to(std::optional<ColumnType>& type, ColumnType other) {
  // A schema may allow scalars and containers in one place: as JSON both keep what they are.
  type = type ? wider(*type, other).value_or(ColumnType::json) : other;
}

void widen_to(std::optional<ColumnType>& type, const std::string& schema_word) {
  if (schema_word == "boolean") widen_to(type, ColumnType::boolean);
  if (schema_word == "integer") widen_to(type, ColumnType::integer);
  if (schema_word == "number") widen_to(type, ColumnType::number);
  if (schema_word == "string") widen_to(type, ColumnType::text);
  if (schema_word == "object" || schema_word == "array") widen_to(type, ColumnType::json);
}

// "type" of a JSON Schema: a word or several; also those of anyOf and oneOf. Nothing said: text, which holds all
// scalars.
std::optional<ColumnType> type_of(const Poco::JSON::Object& schema) {
  std::optional<ColumnType> type;
  const Poco::Dynamic::Var said = schema.get("type");
  if (said.isString()) widen_to(type, said.extract<std::string>());
  if (const auto several = schema.getArray("type"); several)
    for (const auto& word : *several)
      if (word.isString()) widen_to(type, word.extract<std::string>());
  for (const char* choice : {"anyOf", "oneOf"})
    if (const auto alternatives = schema.getArray(choice); alternatives)
      for (unsigned i = 0; i < alternatives->size(); ++i)
        if (const auto alternative = alternatives->getObject(i); alternative)
          if (const auto found = type_of(*alternative)) widen_to(type, *found);
  return type;
}

}  // namespace

std::string_view type_word(ColumnType type) noexcept { return words[static_cast<std::size_t>(type)]; }

std::optional<ColumnType> parse_type(std::string_view word) noexcept {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<ColumnType>(found - words.begin());
}

std::optional<ColumnType> wider(ColumnType left, ColumnType right) noexcept {
  if (left == right) return left;
  if (left == ColumnType::json || right == ColumnType::json) return std::nullopt;
  const auto numeric = [](ColumnType type) { return type == ColumnType::integer || type == ColumnType::number; };
  return numeric(left) && numeric(right) ? ColumnType::number : ColumnType::text;
}

Layout::Layout(std::vector<Column> columns) {
  for (Column& column : columns) {
    if (find(column.member))
      throw Failure(Fault::connector, "bad_catalog", "the member \"" + column.member + "\" is named twice");
    add(std::move(column));
  }
  if (key_.empty())
    throw Failure(Fault::connector, "bad_catalog", "no member of its records is said to be their identity (\"key\")");
}

Layout Layout::of_schema(const Poco::JSON::Object* schema, const std::vector<std::string>& key) {
  std::vector<Column> columns;
  const auto is_key = [&](const std::string& name) { return std::find(key.begin(), key.end(), name) != key.end(); };
  const Poco::JSON::Object::Ptr properties =
      schema == nullptr ? Poco::JSON::Object::Ptr() : schema->getObject("properties");
  // The identity first, as a person looks for it there; then as the schema has them, in its own order.
  for (const std::string& name : key) {
    const Poco::JSON::Object::Ptr property = properties ? properties->getObject(name) : Poco::JSON::Object::Ptr();
    columns.push_back({name, property ? type_of(*property).value_or(ColumnType::text) : ColumnType::text, true});
  }
  if (properties)
    for (const std::string& name : properties->getNames())
      if (!is_key(name)) {
        const Poco::JSON::Object::Ptr property = properties->getObject(name);
        columns.push_back({name, property ? type_of(*property).value_or(ColumnType::text) : ColumnType::text, false});
      }
  return Layout(std::move(columns));
}

std::optional<std::size_t> Layout::find(std::string_view member) const {
  const auto found = index_.find(std::string(member));
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

LayoutChange Layout::add(Column column) {
  const std::size_t index = columns_.size();
  if (column.key) key_.push_back(index);
  index_.emplace(column.member, index);
  columns_.push_back(std::move(column));
  return {LayoutChange::added, index, columns_.back()};
}

LayoutChange Layout::widen(std::size_t index, ColumnType type) {
  columns_[index].type = type;
  return {LayoutChange::widened, index, columns_[index]};
}

void Layout::apply(const LayoutChange& change) {
  if (change.kind == LayoutChange::added)
    add(change.column);
  else
    columns_[change.index].type = change.column.type;
}

std::vector<LayoutChange> Layout::grow_to(const Layout& wanted) {
  std::vector<LayoutChange> changes;
  for (const Column& column : wanted.columns()) {
    const auto index = find(column.member);
    if (!index) {
      changes.push_back(add(column));
    } else if (const ColumnType type = wider(columns_[*index].type, column.type).value_or(columns_[*index].type);
               type != columns_[*index].type) {
      changes.push_back(widen(*index, type));
    }
  }
  return changes;
}

}  // namespace ferry::host
