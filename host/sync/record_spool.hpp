// Records and checkpoints on disk between the moment they are counted and the moment they may be written: what a limit
// must be held against first. One file in a private directory; a record takes the bytes it has.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "host/runs/runner.hpp"

namespace ferry::host {

class RecordSpool {
 public:
  // Failure(machine, ...) as of any file; also of the others.
  explicit RecordSpool(const std::filesystem::path& file);

  void add_records(std::string_view stream, std::string_view lines, std::uint64_t count);
  void add_checkpoint(std::string_view stream, std::string_view state_json);
  // Hands out everything, in the order it was added.
  void replay(RecordReceiver&, const Cancellation&);

 private:
  void put(std::string_view stream, std::string_view text, std::uint64_t count, bool checkpoint);

  const std::filesystem::path path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

// Passes on what it receives, and keeps it.
class SpoolingReceiver final : public RecordReceiver {
 public:
  SpoolingReceiver(RecordReceiver& next, RecordSpool& spool) : next_(next), spool_(spool) {}
  void on_records(std::string_view stream, std::string_view lines, std::uint64_t count) override {
    next_.on_records(stream, lines, count);
    spool_.add_records(stream, lines, count);
  }
  void on_checkpoint(std::string_view stream, std::string_view state_json) override {
    next_.on_checkpoint(stream, state_json);
    spool_.add_checkpoint(stream, state_json);
  }
  bool checks_records() const override { return next_.checks_records(); }

 private:
  RecordReceiver& next_;
  RecordSpool& spool_;
};

}  // namespace ferry::host
