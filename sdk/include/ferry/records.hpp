// ferry/records.hpp - records on their way to the host, gathered into batches.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "ferry/host.hpp"

namespace ferry {

// The records of one stream. Full batches go at once; flush() or checkpoint() sends the rest: what was not flushed
// when the object is destroyed is not delivered, so that an operation that fails leaves no record after its failure.
class Records {
 public:
  static constexpr std::size_t batch_bytes = 64 * 1024;

  Records(Call call, const ferry_sink* sink, std::string stream)
      : call_(call), sink_(sink), stream_(std::move(stream)) {}

  // One JSON object, as the platform sent it.
  void add(std::string_view json_object) {
    if (buffer_.size() + json_object.size() >= batch_bytes) flush();
    const std::size_t start = buffer_.size();
    buffer_ += json_object;
    // A line break can only stand between tokens of JSON, where a space means the same.
    if (json_object.find('\n') != std::string_view::npos)
      std::replace(buffer_.begin() + static_cast<std::ptrdiff_t>(start), buffer_.end(), '\n', ' ');
    end_record();
  }
  // Only for what is a Json already: a text would become a JSON string.
  template <std::same_as<Json> J>
  void add(const J& record) {
    record.append_to(buffer_);
    end_record();
  }
  void flush() {
    if (count_ == 0) return;
    const ferry_batch batch{sizeof batch, FERRY_ENCODING_JSON_LINES, count_, buffer_.data(), buffer_.size()};
    if (!FERRY_HAS(sink_, write)) throw Host::missing("sink.write");
    call_.require(sink_->write(sink_, to_abi(stream_), &batch), "delivering records");
    buffer_.clear();
    count_ = 0;
  }
  void checkpoint(std::string_view state_json) {
    flush();
    if (!FERRY_HAS(sink_, checkpoint)) throw Host::missing("sink.checkpoint");
    call_.require(sink_->checkpoint(sink_, to_abi(stream_), to_abi(state_json)), "delivering a checkpoint");
  }

 private:
  void end_record() {
    buffer_ += '\n';
    ++count_;
    if (buffer_.size() >= batch_bytes) flush();
  }

  Call call_;
  const ferry_sink* sink_;
  std::string stream_;
  std::string buffer_;
  std::uint64_t count_ = 0;
};

class Sink {
 public:
  Sink(Call call, const ferry_sink* sink) noexcept : call_(call), sink_(sink) {}
  Records records(std::string stream) const { return Records(call_, sink_, std::move(stream)); }

 private:
  Call call_;
  const ferry_sink* sink_;
};

}  // namespace ferry
