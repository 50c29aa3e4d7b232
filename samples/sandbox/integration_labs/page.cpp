#include "samples/sandbox/integration_labs/page.hpp"

#include <algorithm>
#include <array>
#include <list>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/integration_labs/text.hpp"

namespace sandbox::integration_labs {
namespace {

using Order = Table::Order;
using Place = Table::Place;

enum class Operator { eq, neq, gt, gte, lt, lte, in };
constexpr std::array<std::string_view, 7> operators = {"eq", "neq", "gt", "gte", "lt", "lte", "in"};

struct Filter {
  std::string field;
  Operator op;
  std::string value;
};

struct Query {
  std::size_t limit = 100;
  Order order = Order::by_id;
  bool descending = false;
  std::optional<Place> next, prev;
  bool deleted = false, count = false;
  std::vector<Filter> filters;
};

[[noreturn]] void refuse(const std::string& field, const std::string& message) {
  throw Refusal{400, "invalid-params", message, field};
}

// As the platform's own samples show it: base64 of the sort members of the last
// record.
std::string cursor_of(const Place& place) {
  json::Object key = json::object();
  if (place.updated_at != 0) key->set("rootfi_updated_at", iso_time(place.updated_at));
  key->set("rootfi_id", place.id);
  return base64(json::text(key));
}

Place place_of(const std::string& field, const std::string& cursor, Order order) {
  const std::string wrong = field + " is not a cursor of this list";
  const auto text = from_base64(cursor);
  if (!text) refuse(field, wrong);
  json::Object key;
  try {
    key = json::parse_object(*text);
  } catch (const BadRequest&) {
    refuse(field, wrong);
  }
  Place place;
  place.id = static_cast<std::uint64_t>(json::integer(key, "rootfi_id"));
  if (order == Order::by_update) {
    const auto time = parse_time(json::string(key, "rootfi_updated_at"));
    if (!time) refuse(field, wrong);
    place.updated_at = *time;
  }
  return place;
}

bool truth(const std::string& field, const std::string& value) {
  if (value != "true" && value != "false") refuse(field, field + " must be true or false");
  return value == "true";
}

// "rootfi_updated_at[gte]" is {"rootfi_updated_at", "gte"}.
std::optional<std::pair<std::string, std::string>> bracketed(const std::string& name) {
  const std::size_t open = name.find('[');
  if (open == std::string::npos || open == 0 || name.back() != ']') return std::nullopt;
  return std::pair(name.substr(0, open), name.substr(open + 1, name.size() - open - 2));
}

void read_sort(Query& query, const std::string& field, const std::string& value) {
  if (field == "rootfi_updated_at")
    query.order = Order::by_update;
  else if (field == "rootfi_created_at" || field == "rootfi_id")
    query.order = Order::by_id;  // ids are given in the order of creation
  else
    refuse("sort", "records cannot be sorted by " + field);
  if (value != "ASC" && value != "DESC") refuse("sort", "sort must be ASC or DESC");
  query.descending = value == "DESC";
}

Query read_query(const Request& request) {
  Query query;
  std::string next, prev;
  for (const auto& [name, value] : request.query) {
    if (name == "limit") {
      const auto limit = parse_number(value);
      if (!limit || *limit == 0) refuse("limit", "limit must be a number above 0");
      query.limit = std::min<std::size_t>(*limit, 1000);
    } else if (name == "next") {
      next = value;
    } else if (name == "prev") {
      prev = value;
    } else if (name == "include_deleted_records") {
      query.deleted = truth(name, value);
    } else if (name == "return_count") {
      query.count = truth(name, value);
    } else if (const auto parts = bracketed(name)) {
      if (parts->first == "sort") {
        read_sort(query, parts->second, value);
        continue;
      }
      const auto op = std::find(operators.begin(), operators.end(), parts->second);
      if (op == operators.end()) refuse(parts->first, "the operator " + parts->second + " is unknown");
      query.filters.push_back({parts->first, static_cast<Operator>(op - operators.begin()), value});
    } else if (name != "expand" && name != "select") {
      refuse(name, name + " is not a parameter of this list");
    }
  }
  if (!next.empty() && !prev.empty()) refuse("prev", "next and prev cannot be given together");
  if (!next.empty()) query.next = place_of("next", next, query.order);
  if (!prev.empty()) query.prev = place_of("prev", prev, query.order);
  return query;
}

// The text of a member of a record; nullopt if it has none of that name. Texts
// come without quotes.
std::optional<std::string> member_text(const std::string& record, const std::string& name) {
  const json::Object object = json::parse_object(record);
  if (!json::has(object, name)) return std::nullopt;
  if (json::is_null(object, name)) return "null";
  const json::Value value = object->get(name);
  return value.isString() ? value.extract<std::string>() : json::text(value);
}

bool holds(Operator op, const std::string& text, const std::string& wanted) {
  const auto left = parse_number(text), right = parse_number(wanted);
  int compared = left && right ? (*left < *right ? -1 : *left > *right ? 1 : 0) : text.compare(wanted);
  const auto left_time = parse_time(text), right_time = parse_time(wanted);
  if (left_time && right_time) compared = *left_time < *right_time ? -1 : *left_time > *right_time ? 1 : 0;
  switch (op) {
    case Operator::eq: return compared == 0;
    case Operator::neq: return compared != 0;
    case Operator::gt: return compared > 0;
    case Operator::gte: return compared >= 0;
    case Operator::lt: return compared < 0;
    case Operator::lte: return compared <= 0;
    case Operator::in: {
      for (std::size_t start = 0; start <= wanted.size();) {
        const std::size_t end = std::min(wanted.find(',', start), wanted.size());
        if (wanted.compare(start, end - start, text) == 0) return true;
        start = end + 1;
      }
      return false;
    }
  }
  return false;
}

// Whether a row is asked for. What the row alone tells is compared without
// writing the record.
class Sieve {
 public:
  Sieve(const Query& query) : deleted_(query.deleted) {
    for (const Filter& filter : query.filters) {
      if (filter.field == "rootfi_updated_at" || filter.field == "rootfi_created_at") {
        const auto time = parse_time(filter.value);
        if (!time) refuse(filter.field, filter.field + " is compared with a date, as 2024-01-02T03:04:05.000Z");
        times_.push_back({filter.field == "rootfi_updated_at", filter.op, *time});
        if (filter.field == "rootfi_updated_at" && (filter.op == Operator::gte || filter.op == Operator::gt))
          updated_from = std::max(updated_from.value_or(*time), *time);
      } else if (filter.field == "rootfi_company_id") {
        companies_.push_back(&filter);
      } else {
        written_.push_back(&filter);
      }
    }
  }
  // A row before this is not asked for.
  std::optional<std::int64_t> updated_from;

  bool wants(const Table& table) const {
    return std::all_of(companies_.begin(), companies_.end(), [&](const Filter* filter) {
      return holds(filter->op, std::to_string(table.company_id()), filter->value);
    });
  }
  bool passes(const Row& row) const {
    if (row.deleted_at != 0 && !deleted_) return false;
    return std::all_of(times_.begin(), times_.end(), [&](const Time& time) {
      const std::int64_t value = time.updated ? row.updated_at : row.created_at;
      switch (time.op) {
        case Operator::eq:
        case Operator::in: return value == time.value;
        case Operator::neq: return value != time.value;
        case Operator::gt: return value > time.value;
        case Operator::gte: return value >= time.value;
        case Operator::lt: return value < time.value;
        case Operator::lte: return value <= time.value;
      }
      return false;
    });
  }
  bool reads_records() const { return !written_.empty(); }
  bool passes(const std::string& record) const {
    return std::all_of(written_.begin(), written_.end(), [&](const Filter* filter) {
      const auto text = member_text(record, filter->field);
      if (!text) refuse(filter->field, "records have no member " + filter->field);
      return holds(filter->op, *text, filter->value);
    });
  }

 private:
  struct Time {
    bool updated;
    Operator op;
    std::int64_t value;
  };
  bool deleted_;
  std::vector<Time> times_;
  std::vector<const Filter*> companies_, written_;
};

struct Found {
  std::size_t table;
  std::uint64_t index;
  Place place;
};

bool before(const Place& left, const Place& right) {
  return std::pair(left.updated_at, left.id) < std::pair(right.updated_at, right.id);
}

// The next rows from a place on, in the direction of the walk: what rows alone
// tell is looked at. `after` moves on.
std::vector<Found> walk(const std::vector<const Table*>& tables, Order order, const Sieve& sieve, bool backwards,
                        std::optional<Place>& after, std::size_t limit) {
  std::vector<Found> found;
  std::list<Table::Walk> walks;
  for (const Table* table : tables) walks.emplace_back(*table, order, backwards, after, sieve.updated_from);
  while (found.size() < limit) {
    Table::Walk* best = nullptr;
    std::size_t best_table = 0, table = 0;
    for (Table::Walk& one : walks) {
      if (!one.at_end() && (best == nullptr || before(one.place(), best->place()) != backwards)) {
        best = &one;
        best_table = table;
      }
      ++table;
    }
    if (best == nullptr) break;
    after = best->place();
    if (sieve.passes(best->row())) found.push_back({best_table, best->index(), best->place()});
    best->next();
  }
  return found;
}

// As walk, and looks into the records where a filter needs it: they are written
// while no walk holds the tables.
std::vector<Found> find_rows(const std::vector<const Table*>& tables, Order order, const Sieve& sieve, bool backwards,
                             std::optional<Place> after, std::size_t limit) {
  if (!sieve.reads_records()) return walk(tables, order, sieve, backwards, after, limit);
  constexpr std::size_t at_once = 256;
  std::vector<Found> found;
  for (bool more = true; more && found.size() < limit;) {
    const std::vector<Found> some = walk(tables, order, sieve, backwards, after, at_once);
    more = some.size() == at_once;
    for (const Found& one : some)
      if (found.size() < limit && sieve.passes(tables[one.table]->record(one.index))) found.push_back(one);
  }
  return found;
}

struct PageText {
  std::string head, tail;
  Table::Pieces rows;
};

Answer answer_of(const std::vector<const Table*>& tables, const std::vector<Found>& found, std::string tail) {
  constexpr std::size_t most_pieces = 64;  // a page in many small pieces is joined: that is cheaper than sending
                                           // them
  auto page = std::make_shared<PageText>();
  for (std::size_t i = 0; i < found.size();) {
    std::vector<std::uint64_t> indices;
    const std::size_t table = found[i].table;
    for (; i < found.size() && found[i].table == table; ++i) indices.push_back(found[i].index);
    tables[table]->render(indices, page->rows);
  }
  page->head = "{\"data\":[";
  page->tail = std::move(tail);
  static constexpr std::string_view comma = ",";
  Answer answer;
  answer.pieces.push_back(page->head);
  for (const std::string_view piece : page->rows.pieces) {
    if (answer.pieces.size() > 1) answer.pieces.push_back(comma);
    answer.pieces.push_back(piece);
  }
  answer.pieces.push_back(page->tail);
  if (answer.pieces.size() > most_pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : answer.pieces) size += piece.size();
    answer.text.reserve(size);
    for (const std::string_view piece : answer.pieces) answer.text += piece;
    answer.pieces.clear();
  } else {
    answer.owner = std::move(page);
  }
  return answer;
}

}  // namespace

Answer page_of(const Request& request, const std::vector<const Table*>& all) {
  const Query query = read_query(request);
  const Sieve sieve(query);
  std::vector<const Table*> tables;
  for (const Table* table : all)
    if (sieve.wants(*table)) tables.push_back(table);

  const bool back = query.prev.has_value();
  const std::optional<Place> after = back ? query.prev : query.next;
  std::vector<Found> found = find_rows(tables, query.order, sieve, query.descending != back, after, query.limit + 1);
  const bool more = found.size() > query.limit;
  if (more) found.pop_back();
  if (back) std::reverse(found.begin(), found.end());

  // Going back, there is always a page to come: the one that was come from.
  // Going on, the reverse.
  const bool has_next = !found.empty() && (back || more),
             has_prev = !found.empty() && (back ? more : after.has_value());
  std::string tail = "],\"prev\":" + (has_prev ? '"' + cursor_of(found.front().place) + '"' : std::string("null"));
  tail += ",\"next\":" + (has_next ? '"' + cursor_of(found.back().place) + '"' : std::string("null"));
  if (query.count)
    tail += ",\"total_count\":" +
            std::to_string(find_rows(tables, query.order, sieve, false, std::nullopt, SIZE_MAX).size());
  return answer_of(tables, found, tail + "}");
}

}  // namespace sandbox::integration_labs
