// Reads the records of one data model, page by page, in the order of their update.
//
// In that order a record that changes while it is read comes again at the end, and the last record of a page says how
// far everything is known: that is the checkpoint. Where a platform does not keep the order, there is no checkpoint
// before the end. A checkpoint is
//   {"since":T}                                              a read that came to its end: what changed from T on is new
//   {"since":T?, "next":CURSOR, "newest":T, "mode":M, "from":DATE?}    one that did not: it goes on behind the cursor
// Records deleted on the platform are read, too: their rootfi_deleted_at says so.
#pragma once

#include <string>

#include "api.hpp"
#include "models.hpp"

namespace ferry::integration_labs {

class Reading {
 public:
  Reading(Host host, Call call, Api& api, const Model& model, const StreamRequest& request);
  void run(Sink sink);

 private:
  std::string path(bool counts) const;
  HttpResponse first_page();
  void take(const Page& page, Records& records);
  void move_on(const Page& page, Records& records);
  void refuse_repetition(const Page& page);

  Host host_;
  Call call_;
  Api& api_;
  const Model& model_;
  std::string mode_, from_;
  std::string since_, next_, newest_;
  std::string last_;        // time of the record before
  std::int64_t began_ = 0;  // unix ms
  bool ordered_ = true, from_checkpoint_ = false;
  std::uint64_t count_ = 0, total_ = 0;
  // Brent's way to notice a cursor that comes again, or the records of a page under a cursor that is new.
  std::string remembered_;
  std::size_t page_ = 0, remembered_page_ = 0;  // what tells its records from others
  std::uint64_t pages_ = 0, remembered_at_ = 1, empty_pages_ = 0;
};

// A time as the platform writes it.
std::string time_text(std::int64_t unix_ms);

// Throws Error(FERRY_BAD_CONFIG) for a stream that cannot be read.
const Model& readable_model(std::string_view stream);

}  // namespace ferry::integration_labs
