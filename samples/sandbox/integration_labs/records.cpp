#include "samples/sandbox/integration_labs/records.hpp"

#include <array>
#include <stdexcept>

#include "samples/sandbox/integration_labs/text.hpp"

namespace sandbox::integration_labs {
namespace {

using Words = std::string_view;
constexpr std::array<Words, 4> currencies = {"\"USD\"", "\"EUR\"", "\"GBP\"", "\"INR\""};
constexpr std::array<Words, 4> document_states = {"\"DRAFT\"", "\"SUBMITTED\"", "\"AUTHORISED\"", "\"PAID\""};
constexpr std::array<Words, 2> base_states = {"\"ACTIVE\"", "\"ARCHIVED\""};
constexpr std::array<Words, 2> contact_types = {"\"CUSTOMER\"", "\"VENDOR\""};
constexpr std::array<Words, 3> item_types = {"\"INVENTORY\"", "\"NON_INVENTORY\"", "\"SERVICE\""};
constexpr std::array<Words, 4> modes = {"\"BANK_TRANSFER\"", "\"CARD\"", "\"CASH\"", "\"CHEQUE\""};
constexpr std::array<Words, 6> account_categories = {"\"ASSET\"",  "\"EXPENSE\"", "\"LIABILITY\"",
                                                     "\"EQUITY\"", "\"INCOME\"",  "\"BANK\""};
// Text that a careless reader trips over is among them: quotes, braces, a
// backslash, a line break, other alphabets.
constexpr std::array<Words, 12> memos = {
    "Hours of consulting",  "Monthly retainer", "Copper pipe, 22 mm", "Freight \\\"express\\\"",
    "Büromaterial",         "Licence {annual}", "Servicing [unit 7]", "Storage A\\\\B",
    "Travel,\\nsecond leg", "検査費用",         "Workshop, two days", "Spare parts"};
constexpr std::array<Words, 12> name_starts = {"Alder", "Birch", "Cedar", "Elm",  "Fir",   "Hazel",
                                               "Larch", "Maple", "Oak",   "Pine", "Rowan", "Spruce"};
constexpr std::array<Words, 6> name_ends = {"Ltd", "Trading", "Works", "Logistics", "& Partners", "Foods"};

constexpr std::size_t most_of_a_value = 160, most_of_lines = 700, most_of_the_base = 420;
constexpr std::int64_t day_ms = 86'400'000,
                       first_day_ms = 1'672'531'200'000;  // 2023-01-01

std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ull;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
  return value ^ (value >> 31);
}

template <std::size_t N>
char* put_one_of(char* at, const std::array<Words, N>& words, std::uint64_t chance) {
  return put(at, words[chance % N]);
}

}  // namespace

// What makes one record differ from the next: `lasting` is the same in all its
// revisions.
struct RecordWriter::Chance {
  std::uint64_t lasting, passing, net_cents;
  std::string_view id, number;  // as texts: they are written several times

  std::uint64_t tax_cents() const { return net_cents / 5; }
};

RecordWriter::Kind RecordWriter::kind_of(std::string_view word) {
  static constexpr std::array<Words, 27> words = {"currency",
                                                  "link",
                                                  "zero",
                                                  "net",
                                                  "tax",
                                                  "gross",
                                                  "document",
                                                  "posted",
                                                  "due",
                                                  "memo",
                                                  "long_memo",
                                                  "changed",
                                                  "document_status",
                                                  "one",
                                                  "empty",
                                                  "lines",
                                                  "mode",
                                                  "name",
                                                  "contact_type",
                                                  "code",
                                                  "null",
                                                  "base_status",
                                                  "account_category",
                                                  "item_type",
                                                  "quantity",
                                                  "yes",
                                                  "no"};
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) return static_cast<Kind>(i);
  throw std::logic_error("no kind of member: " + std::string(word));
}

RecordWriter::RecordWriter(const Model& model, std::uint64_t seed, std::uint64_t company_id, std::uint64_t first_id,
                           bool lean)
    : seed_(seed), first_id_(first_id), prefix_(model.prefix), lean_(lean) {
  for (const char c : model.name) seed_ = mixed(seed_ ^ static_cast<unsigned char>(c));
  seed_ = mixed(seed_ ^ company_id);
  company_ = ",\"rootfi_company_id\":" + std::to_string(company_id) + ",\"platform_id\":\"";
  std::string_view left = lean ? "currency_id:currency contact_id:link total_amount:gross "
                                 "document_number:document "
                                 "posted_date:posted memo:long_memo status:document_status"
                               : model.members;
  most_bytes_ = most_of_the_base + 2 * prefix_.size();
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(' '));
    const std::size_t colon = word.find(':');
    members_.push_back({",\"" + std::string(word.substr(0, colon)) + "\":", kind_of(word.substr(colon + 1))});
    most_bytes_ += members_.back().lead.size() + prefix_.size() +
                   (members_.back().kind == Kind::lines ? most_of_lines : most_of_a_value);
    left.remove_prefix(std::min(left.size(), word.size() + 1));
  }
}

char* RecordWriter::write(char* at, std::uint64_t index, const Row& row) const {
  const std::uint64_t lasting = mixed(seed_ ^ index), passing = mixed(lasting + row.revision);
  char texts[2 * most_of_a_number];
  const char* id_end = put_number(texts, first_id_ + index);
  const char* number_end = put_number(texts + most_of_a_number, index + 1);
  const Chance chance{lasting, passing, 1000 + passing % 1'000'000, std::string_view(texts, id_end),
                      std::string_view(texts + most_of_a_number, number_end)};
  at = put(at, "{\"rootfi_id\":");
  at = put(at, chance.id);
  at = put(at, ",\"rootfi_deleted_at\":");
  at = row.deleted_at == 0 ? put(at, "null") : put_time(at, row.deleted_at);
  at = put(at, ",\"rootfi_created_at\":");
  at = put_time(at, row.created_at);
  at = put(at, ",\"rootfi_updated_at\":");
  at = put_time(at, row.updated_at);
  at = put(at, company_);
  at = put(at, prefix_);
  *at++ = '-';
  at = put(at, chance.number);
  *at++ = '"';
  if (!lean_) {
    at = put(at, ",\"platform_unique_id\":\"");
    at = put(at, prefix_);
    *at++ = '-';
    at = put(at, chance.number);
    *at++ = '"';
  }
  for (const Member& member : members_) {
    at = put(at, member.lead);
    at = write_value(at, member.kind, row, chance);
  }
  at = put(at, appended_);
  *at++ = '}';
  return at;
}

char* RecordWriter::write_value(char* at, Kind kind, const Row& row, const Chance& chance) const {
  const std::int64_t posted = first_day_ms + static_cast<std::int64_t>(chance.lasting % 700) * day_ms;
  switch (kind) {
    case Kind::currency: return put_one_of(at, currencies, chance.lasting >> 8);
    case Kind::link: return put_number(at, 1 + (chance.lasting >> 16) % 500);
    case Kind::zero: return put(at, "0");
    case Kind::one: return put(at, "1");
    case Kind::yes: return put(at, "true");
    case Kind::no: return put(at, "false");
    case Kind::null: return put(at, "null");
    case Kind::empty: return put(at, "[]");
    case Kind::net: return put_cents(at, chance.net_cents);
    case Kind::tax: return put_cents(at, chance.tax_cents());
    case Kind::gross: return put_cents(at, chance.net_cents + chance.tax_cents());
    case Kind::quantity: return put_number(at, chance.passing % 97);
    case Kind::posted: return put_date(at, posted);
    case Kind::due: return put_date(at, posted + 30 * day_ms);
    case Kind::changed: return put_time(at, row.updated_at);
    case Kind::document_status: return put_one_of(at, document_states, chance.passing >> 20);
    case Kind::base_status: return put_one_of(at, base_states, (chance.passing >> 20) % 8 == 0 ? 1 : 0);
    case Kind::contact_type: return put_one_of(at, contact_types, chance.lasting >> 24);
    case Kind::item_type: return put_one_of(at, item_types, chance.lasting >> 24);
    case Kind::account_category: return put_one_of(at, account_categories, chance.lasting >> 24);
    case Kind::mode: return put_one_of(at, modes, chance.lasting >> 24);
    case Kind::lines: return write_lines(at, row, chance);
    case Kind::document:
    case Kind::code:
      *at++ = '"';
      at = put(at, prefix_);
      *at++ = kind == Kind::code ? '/' : '-';
      at = put(at, chance.number);
      *at++ = '"';
      return at;
    case Kind::name:
      *at++ = '"';
      at = put_one_of(at, name_starts, chance.lasting >> 32);
      *at++ = ' ';
      at = put_one_of(at, name_ends, chance.lasting >> 40);
      *at++ = '"';
      return at;
    case Kind::memo:
      if (chance.passing % 5 == 0) return put(at, "null");
      [[fallthrough]];
    case Kind::long_memo:
      *at++ = '"';
      at = put_one_of(at, memos, chance.passing >> 28);
      for (int i = 1; kind == Kind::long_memo && i < 5; ++i) {
        at = put(at, "; ");
        at = put_one_of(at, memos, chance.passing >> (28 + 6 * i));
      }
      *at++ = '"';
      return at;
  }
  return at;
}

char* RecordWriter::write_lines(char* at, const Row& row, const Chance& chance) const {
  at = put(at, "[{\"rootfi_id\":");
  at = put(at, chance.id);
  at = put(at, ",\"platform_id\":\"1\",\"line_item_type\":\"");
  at = put(at, prefix_ == "INV" ? "INVOICE" : prefix_ == "BILL" ? "BILL" : "OTHER");
  at = put(at, "\",\"line_item_type_id\":");
  at = put(at, chance.id);
  at = put(at, ",\"tracking_category_ids\":[],\"project_id\":null,\"item_id\":");
  at = put_number(at, 1 + (chance.lasting >> 36) % 200);
  at = put(at, ",\"tax_id\":2,\"account_id\":4,\"description\":\"");
  at = put_one_of(at, memos, chance.passing >> 28);
  at = put(at, "\",\"quantity\":1,\"unit_amount\":");
  at = put_cents(at, chance.net_cents);
  at = put(at, ",\"total_amount\":");
  at = put_cents(at, chance.net_cents + chance.tax_cents());
  at = put(at, ",\"sub_total\":");
  at = put_cents(at, chance.net_cents);
  at = put(at, ",\"tax_amount\":");
  at = put_cents(at, chance.tax_cents());
  at = put(at, ",\"total_discount\":0,\"updated_at\":");
  at = put_time(at, row.updated_at);
  return put(at, "}]");
}

}  // namespace sandbox::integration_labs
