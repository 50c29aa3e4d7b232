#include "host/http/replay.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/http/recorder.hpp"
#include "host/http/recording_info.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_compared = 8u << 20;  // of a body that is recorded in a file of its own

RecordingInfo loaded(const fs::path& folder) { return RecordingInfo::load(folder); }

}  // namespace

// A request, masked as the recording is.
struct Replay::Asked {
  struct Part {
    std::string name, content_type, text;
    bool binary = false;
  };
  std::string method, url, shown, content_type, body;
  bool binary = false;
  std::vector<Part> parts;
};

Replay::Replay(fs::path folder, bool strict, const std::string& base_url, const Redactor& known, TransferCounts& counts,
               HttpLog log)
    : folder_(std::move(folder)),
      strict_(strict),
      base_(parse_url(base_url)),
      counts_(counts),
      log_(std::move(log)),
      mask_(known),
      comparer_(loaded(folder_).varies) {
  const RecordingInfo info = loaded(folder_);
  if (!info.base_url.empty()) recorded_base_ = parse_url(info.base_url);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder_))
    if (entry.path().extension() == ".http") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) entries_.push_back({file, RecordedExchange::parse(read_file(file), file)});
}

std::string Replay::url_for_comparison(const std::string& url) const {
  const Url asked = url_below(base_, url);
  const bool own = asked.same_origin(base_) || (recorded_base_ && asked.same_origin(*recorded_base_));
  return own ? asked.target() : asked.text();
}

std::string Replay::body_text(const HttpContent& content, const std::string& content_type, bool& binary) {
  std::string bytes;
  if (const auto* file = std::get_if<FileBody>(&content)) {
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file->size, largest_compared)));
    const ssize_t got = ::pread(file->fd, bytes.data(), bytes.size(), 0);
    if (got < 0) throw_errno("reading a body to compare it", errno);
    bytes.resize(static_cast<std::size_t>(got));
    binary = file->size > largest_compared || !is_text(bytes);
    counts_.bytes_sent += file->size;
  } else {
    bytes = std::get<std::string_view>(content);
    binary = !is_text(bytes);
    counts_.bytes_sent += bytes.size();
  }
  return binary ? "" : mask_.body(bytes, content_type);
}

Replay::Asked Replay::asked_of(const HttpExchange& exchange) {
  Asked asked;
  asked.method = exchange.method;
  asked.url = mask_.url(url_for_comparison(exchange.url));
  asked.shown = exchange.method + " " + printable(shortened(asked.url, 300));
  asked.content_type = content_type_of(exchange.headers);
  if (exchange.parts.empty()) asked.body = body_text(exchange.body, asked.content_type, asked.binary);
  for (const HttpFormPart& part : exchange.parts) {
    Asked::Part about{printable(part.name), part.content_type, "", false};
    about.text = body_text(part.content, part.content_type, about.binary);
    if (!about.binary && names_secret(part.name)) about.text = Redactor::mask_text;
    asked.parts.push_back(std::move(about));
  }
  return asked;
}

Comparison Replay::compare_bodies(const RecordedBody& recorded, const std::string& asked, bool binary,
                                  const std::string& content_type) const {
  if (recorded.file.empty()) {
    if (!binary) return comparer_.body(recorded.text, asked, content_type);
    return {Likeness::none, "text was recorded, a binary body is asked"};
  }
  const fs::path file = folder_ / recorded.file;
  std::error_code error;
  const bool comparable = !binary && fs::file_size(file, error) <= largest_compared && !error;
  const std::string text = comparable ? read_file(file) : "";
  if (comparable && is_text(text)) return comparer_.body(text, asked, content_type);
  // Archives of the same content often differ in their times.
  return binary ? Comparison{Likeness::values, ""} : Comparison{Likeness::none, "a binary body was recorded"};
}

Comparison Replay::compare(const Entry& entry, const Asked& asked) const {
  const RecordedExchange& recorded = entry.exchange;
  const Comparison none{Likeness::none, ""};
  const auto path_of = [](std::string_view url) { return url.substr(0, url.find('?')); };
  const auto query_of = [&](std::string_view url) { return url.substr(std::min(path_of(url).size() + 1, url.size())); };
  if (recorded.method != asked.method || !same_value(path_of(recorded.url), path_of(asked.url))) return none;
  const Comparison query = comparer_.parameters(query_of(recorded.url), query_of(asked.url));
  // Another query is another question: its answer would be wrong.
  if (query.likeness < Likeness::values) return {Likeness::none, "query: " + query.difference};

  Comparison worst = query;
  const auto take = [&](const Comparison& one, const std::string& where) {
    if (one.likeness < worst.likeness) worst = {one.likeness, where + one.difference};
  };
  if (recorded.parts.size() != asked.parts.size())
    return {Likeness::none, std::to_string(recorded.parts.size()) + " parts of a form were recorded, " +
                                std::to_string(asked.parts.size()) + " are asked"};
  if (asked.parts.empty()) take(compare_bodies(recorded.body, asked.body, asked.binary, asked.content_type), "body");
  for (const RecordedPart& part : recorded.parts) {
    const auto same = std::find_if(asked.parts.begin(), asked.parts.end(),
                                   [&](const Asked::Part& other) { return other.name == part.name; });
    if (same == asked.parts.end()) return {Likeness::none, "the part \"" + part.name + "\" is missing"};
    take(compare_bodies(part.body, same->text, same->binary, part.content_type), "part \"" + part.name + "\"");
  }
  return worst;
}

Replay::Entry& Replay::find(const Asked& asked) {
  Entry *best = nullptr, *last_used = nullptr;
  Likeness best_likeness = Likeness::none;
  std::string nearest, difference;
  for (Entry& entry : entries_) {
    const Comparison found = compare(entry, asked);
    if (!found.difference.empty() && nearest.empty()) {
      nearest = entry.file.filename().string();
      difference = found.difference;
    }
    if (found.likeness == Likeness::none || (strict_ && found.likeness < Likeness::values)) continue;
    if (entry.used) {
      if (found.likeness >= Likeness::values) last_used = &entry;
    } else if (found.likeness > best_likeness) {
      best = &entry;
      best_likeness = found.likeness;
    }
  }
  if (!strict_ && last_used != nullptr && best_likeness < Likeness::values) return *last_used;
  if (best != nullptr) {
    if (best_likeness == Likeness::shape && log_)
      log_(FERRY_LOG_WARNING,
           asked.shown + ": answered by " + best->file.filename().string() + ", although it differs: " + difference);
    return *best;
  }
  std::string why = "no such request is recorded";
  if (last_used != nullptr)
    why = "asked more often than it was recorded";
  else if (!nearest.empty())
    why = "no such request is recorded; " + nearest + " is near: " + difference;
  throw Failure(Fault::usage, "not_recorded",
                asked.shown + ": " + mask_.again(why) + " (replaying " + folder_.string() + "; record it again)");
}

void Replay::send(const HttpExchange& exchange, HttpReceiver& receiver) {
  counts_.requests.fetch_add(1, std::memory_order_relaxed);
  const Asked asked = asked_of(exchange);
  Entry* entry = nullptr;
  try {
    entry = &find(asked);
  } catch (const Failure& failure) {
    if (!first_miss_) first_miss_ = failure;
    throw;
  }
  entry->used = true;
  if (log_) log_(FERRY_LOG_DEBUG, asked.shown + " -> " + entry->file.filename().string());
  if (entry->exchange.failure) throw Failure(*entry->exchange.failure);
  deliver(*entry, exchange.url, receiver);
}

void Replay::deliver(const Entry& entry, const std::string& asked_url, HttpReceiver& receiver) {
  const RecordedExchange& recorded = entry.exchange;
  UniqueFd file;
  std::uint64_t size = recorded.answer.text.size();
  if (!recorded.answer.file.empty()) {
    file = open_file(folder_ / recorded.answer.file, O_RDONLY);
    size = fs::file_size(folder_ / recorded.answer.file);
  }
  HttpHead head;
  head.status = recorded.status;
  head.url = url_below(base_, recorded.answer_url.empty() ? asked_url : recorded.answer_url).text();
  head.headers = recorded.answer_headers;
  // Masking and editing change a body's length.
  for (auto& [name, value] : head.headers)
    if (same_name(name, "Content-Length") && recorded.method != "HEAD") {
      value = std::to_string(size);
      head.content_length = static_cast<std::int64_t>(size);
    }
  receiver.on_head(head);
  counts_.bytes_received += size;
  if (!file) {
    if (size > 0) receiver.on_body(recorded.answer.text);
    return;
  }
  std::string buffer(256u << 10, '\0');
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(recorded.answer.file, errno);
    if (got == 0) return;
    receiver.on_body({buffer.data(), static_cast<std::size_t>(got)});
  }
}

void Replay::finish() {
  if (!strict_) return;
  if (first_miss_) throw Failure(*first_miss_);
  std::vector<std::string> unused;
  for (const Entry& entry : entries_)
    if (!entry.used) unused.push_back(entry.file.filename().string());
  if (unused.empty()) return;
  throw Failure(Fault::usage, "not_replayed",
                unused.front() + " of the recording " + folder_.string() + " was never asked for" +
                    (unused.size() > 1 ? ", nor were " + std::to_string(unused.size() - 1) + " more" : "") +
                    "; record it again, or remove what is not needed");
}

}  // namespace ferry::host
