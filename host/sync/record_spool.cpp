#include "host/sync/record_spool.hpp"

#include <cerrno>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

struct Head {
  std::uint64_t stream_size, text_size, count, checkpoint;
};

}  // namespace

RecordSpool::RecordSpool(const std::filesystem::path& file)
    : path_(file), file_(std::fopen(file.c_str(), "w+be"), std::fclose) {
  if (file_ == nullptr) throw_errno("creating " + file.string(), errno);
}

void RecordSpool::put(std::string_view stream, std::string_view text, std::uint64_t count, bool checkpoint) {
  const Head head{stream.size(), text.size(), count, checkpoint ? 1u : 0u};
  for (const std::string_view part :
       {std::string_view(reinterpret_cast<const char*>(&head), sizeof head), stream, text})
    if (std::fwrite(part.data(), 1, part.size(), file_.get()) != part.size())
      throw_errno("writing " + path_.string(), errno);
}

void RecordSpool::add_records(std::string_view stream, std::string_view lines, std::uint64_t count) {
  put(stream, lines, count, false);
}

void RecordSpool::add_checkpoint(std::string_view stream, std::string_view state_json) {
  put(stream, state_json, 0, true);
}

void RecordSpool::replay(RecordReceiver& receiver, const Cancellation& cancellation) {
  if (std::fflush(file_.get()) != 0) throw_errno("writing " + path_.string(), errno);
  std::rewind(file_.get());
  Head head;
  std::string stream, text;
  const auto get = [&](char* to, std::size_t size) {
    if (std::fread(to, 1, size, file_.get()) != size) throw_errno("reading " + path_.string(), errno);
  };
  while (std::fread(&head, 1, sizeof head, file_.get()) == sizeof head) {
    cancellation.throw_if_cancelled();
    stream.resize(head.stream_size);
    text.resize(head.text_size);
    get(stream.data(), stream.size());
    get(text.data(), text.size());
    if (head.checkpoint != 0)
      receiver.on_checkpoint(stream, text);
    else
      receiver.on_records(stream, text, head.count);
  }
}

}  // namespace ferry::host
