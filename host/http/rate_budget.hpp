// The budget of one account (an origin and a credential), in a file that all runs and processes of a state directory
// share. Its name is a salted hash: it tells neither origin nor credential.
//
// The state is read, changed and written under a lock, and is 8 KiB at most; what is not whole (a machine that went
// down while it was written) begins anew. Locks are on the open file: the kernel gives them up when a process ends,
// however it ends, so neither a budget nor a place in it stays taken. One object serves one thread. Failures:
// Failure(machine).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "host/base/unique_fd.hpp"
#include "host/http/rate_model.hpp"

namespace ferry::host {

class RateBudget {
 public:
  // file "": a budget of this object's own.
  explicit RateBudget(const std::filesystem::path& file);

  // A place among those that do something at the same time: of `unanswered` requests, or of `open` ones.
  enum class Place { unanswered, open };

  // Alone with the state; what `work` changes is kept. Places are taken and counted inside only.
  void use(const std::function<void(RateState&)>& work);
  void take(Place);
  void give_back(Place) noexcept;
  int others(Place) const;  // those that other objects have taken

 private:
  class Lock;
  void load();
  void save();

  UniqueFd fd_;
  RateState state_{};
  std::optional<long> taken_[2];  // the byte that is locked
};

}  // namespace ferry::host
