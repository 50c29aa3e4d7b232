// The records of one data model of one company: record i in revision r is a
// function of the seed, the company, the model, i and r alone, so that a
// million of them need no memory.
//
// What every record has stands first, in the documents' order; then the members
// of the model:
//   currency link zero net tax gross document posted due memo changed
//   document_status one empty lines mode name contact_type code null
//   base_status account_category item_type quantity yes no
// A revision changes amounts, memo, status and `changed`; names, numbers and
// dates stay.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "samples/sandbox/integration_labs/models.hpp"

namespace sandbox::integration_labs {

struct Row {
  std::int64_t created_at = 0, updated_at = 0;  // of the platform's copy
  std::int64_t deleted_at = 0;                  // 0: not deleted
  std::uint32_t revision = 0;
};

class RecordWriter {
 public:
  // lean: 13 members in about 430 bytes, whatever the model. first_id:
  // rootfi_id of record 0.
  RecordWriter(const Model&, std::uint64_t seed, std::uint64_t company_id, std::uint64_t first_id, bool lean);

  // Members that every record of the model has from now on: ',"project":"P1"'
  // or "".
  void append_members(std::string json) { appended_ = std::move(json); }

  // Room for most_bytes() is needed at `at`; gives the place behind the record.
  char* write(char* at, std::uint64_t index, const Row&) const;
  std::size_t most_bytes() const { return most_bytes_ + appended_.size(); }

 private:
  enum class Kind {
    currency,
    link,
    zero,
    net,
    tax,
    gross,
    document,
    posted,
    due,
    memo,
    long_memo,
    changed,
    document_status,
    one,
    empty,
    lines,
    mode,
    name,
    contact_type,
    code,
    null,
    base_status,
    account_category,
    item_type,
    quantity,
    yes,
    no
  };
  struct Member {
    std::string lead;  // ,"name":
    Kind kind;
  };
  struct Chance;
  static Kind kind_of(std::string_view word);
  char* write_value(char* at, Kind, const Row&, const Chance&) const;
  char* write_lines(char* at, const Row&, const Chance&) const;

  std::uint64_t seed_, first_id_;
  std::string company_;  // ,"rootfi_company_id":1089,"platform_id":"INV-
  std::string prefix_;
  bool lean_;
  std::vector<Member> members_;
  std::string appended_;
  std::size_t most_bytes_ = 0;
};

}  // namespace sandbox::integration_labs
