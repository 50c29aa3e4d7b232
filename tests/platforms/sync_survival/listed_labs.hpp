// A server that speaks as much of Integration Labs as a sync of INVOICES asks for, and does with its pages what a test
// wants, right or wrong. What is removed here is gone without a word.
//
// Listens on a free port for the life of the object; its functions may be called from any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/platforms/sync_survival/books.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {

class ListedLabs {
 public:
  struct Page {
    std::vector<std::string> records;
    std::string next;
    int total = 0;
  };
  // cursor: "" for the first page. number: of the request, from 1 on.
  using Pages = std::function<Page(const std::string& cursor, int number)>;

  ListedLabs();

  std::string url() const { return server_.url("/v3"); }
  // Pages made by a test, instead of what was put; nullptr: no longer. Requests are counted anew.
  void play(Pages pages);
  int requests() const;

  // A record with this identity, as it is from now on.
  void put(int id, const std::string& number = "");
  void remove(int id);
  Content content() const;

  // A record as text; more: members, such as `"memo":"x"`.
  static std::string record(int id, const std::string& more = "");

 private:
  void serve(Peer& peer);
  std::string answer(const std::string& target);
  Page listed(const std::string& cursor, const std::string& since, std::size_t limit) const;

  mutable std::mutex mutex_;
  std::map<std::pair<int, int>, std::string> by_time_;  // {when, id}
  std::map<int, int> times_;                            // when each was put
  int clock_ = 0, requests_ = 0;
  Pages pages_;
  TestServer server_;
};

}  // namespace ferry::test
