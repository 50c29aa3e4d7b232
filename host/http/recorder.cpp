#include "host/http/recorder.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>

#include "host/base/text.hpp"
#include "host/http/recording_info.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept_in_memory = 1u << 20;
constexpr std::size_t largest_text = 128u << 20;  // in which secrets are still searched for

std::string without_secrets_in_name(std::string text) {
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_') c = '-';
  while (text.starts_with('.') || text.starts_with('-')) text.erase(0, 1);
  return text.substr(0, 40);
}

std::string extension_of(const std::string& content_type, bool text) {
  const std::string lowered = lower(content_type);
  for (const auto& [word, extension] :
       {std::pair{"json", ".json"}, {"zip", ".zip"}, {"html", ".html"}, {"xml", ".xml"}})
    if (lowered.find(word) != std::string::npos) return extension;
  return text ? ".txt" : ".bin";
}

// The beginning of a file, to see what it is.
std::string beginning_of(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(fd, bytes.data() + filled, size - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a body to record it", errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

// Whether bytes that may be cut within a character begin a text.
bool begins_text(std::string_view bytes) {
  for (int i = 0; i < 4 && !bytes.empty(); ++i, bytes.remove_suffix(1))
    if (is_text(bytes)) return true;
  return bytes.empty();
}

void check_searchable(std::uint64_t size) {
  if (size > largest_text)
    throw Failure(Fault::usage, "too_large",
                  "a body of " + human_bytes(size) + " of text cannot be recorded: more than " +
                      human_bytes(largest_text) + " are not searched for secrets; run it without --record");
}

void copy(int from, std::uint64_t size, const fs::path& to) {
  const UniqueFd file = open_file(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  std::string buffer(1u << 20, '\0');
  for (std::uint64_t done = 0; done < size;) {
    const ssize_t got = ::pread(from, buffer.data(), buffer.size(), static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a body to record it", errno);
    if (got == 0) return;
    write_all(file.get(), {buffer.data(), static_cast<std::size_t>(got)}, to.string());
    done += static_cast<std::uint64_t>(got);
  }
}

}  // namespace

std::string recorded_url(const Url& base, const std::string& url) {
  const Url asked = url_below(base, url);
  return asked.same_origin(base) ? asked.target() : asked.text();
}

std::string content_type_of(const HttpHeaders& headers) { return std::string(header_value(headers, "Content-Type")); }

// Passes an answer on and keeps it: in memory first, in a file when it is large.
class Recorder::Answer final : public HttpReceiver {
 public:
  Answer(HttpReceiver& receiver, fs::path spool) : receiver_(receiver), spool_path_(std::move(spool)) {}
  ~Answer() override {
    std::error_code ignored;
    if (spool_) fs::remove(spool_path_, ignored);
  }

  void on_head(const HttpHead& received) override {
    head = received;
    body_.clear();
    spool_.reset();
    size_ = 0;
    receiver_.on_head(received);
  }
  void on_body(std::string_view piece) override {
    size_ += piece.size();
    if (!spool_ && size_ > kept_in_memory) {
      spool_ = open_file(spool_path_, O_RDWR | O_CREAT | O_TRUNC, 0600);
      write_all(spool_.get(), body_, spool_path_.string());
      body_.clear();
    }
    if (spool_)
      write_all(spool_.get(), piece, spool_path_.string());
    else
      body_.append(piece);
    receiver_.on_body(piece);
  }

  HttpHead head;
  const std::string& body() const { return body_; }
  std::optional<FileBody> file() const { return spool_ ? std::optional(FileBody{spool_.get(), size_}) : std::nullopt; }

 private:
  HttpReceiver& receiver_;
  const fs::path spool_path_;
  std::string body_;
  UniqueFd spool_;
  std::uint64_t size_ = 0;
};

Recorder::Recorder(fs::path folder, const std::string& base_url, std::unique_ptr<HttpSender> below,
                   const Redactor& known, const Clock& clock)
    : folder_(std::move(folder)), base_(parse_url(base_url)), below_(std::move(below)), mask_(known) {
  make_private_directory(folder_);
  std::error_code error;
  if (!fs::exists(folder_ / RecordingInfo::file_name, error))
    RecordingInfo{base_.text(), clock.now_unix_ms(), {}}.save(folder_);
}

Recorder::~Recorder() {
  try {
    mask_again();
  } catch (const std::exception&) {  // finish() has told what went wrong, or the run failed anyway
  }
}

void Recorder::send(const HttpExchange& exchange, HttpReceiver& receiver) {
  const std::string stem = next_stem(exchange.method, mask_.url(exchange.url));
  RecordedExchange recorded;
  write_request(exchange, stem, recorded);
  Answer answer(receiver, folder_ / (stem + ".part"));
  std::exception_ptr ended;
  try {
    below_->send(exchange, answer);
  } catch (const Failure& failure) {
    if (failure.fault() == Fault::cancelled) throw;
    recorded.failure.emplace(failure.fault(), failure.code(), mask_.again(failure.message()));
    ended = std::current_exception();
  } catch (...) {  // the receiver wants no more: what it has taken is the answer
    if (answer.head.status == 0) throw;
    ended = std::current_exception();
  }
  if (!recorded.failure) {
    recorded.status = answer.head.status;
    const std::string url = recorded_url(base_, answer.head.url);
    if (url != recorded_url(base_, exchange.url)) recorded.answer_url = mask_.url(url);
    recorded.answer_headers = mask_.headers(answer.head.headers);
    const std::string type = content_type_of(answer.head.headers);
    recorded.answer =
        answer.file() ? keep_file(*answer.file(), type, stem + "-answer") : keep(answer.body(), type, stem + "-answer");
  }
  write(recorded, stem);
  mask_again();
  if (ended) std::rethrow_exception(ended);
}

void Recorder::finish() {
  below_->finish();
  mask_again();
}

void Recorder::write_request(const HttpExchange& exchange, const std::string& stem, RecordedExchange& recorded) {
  recorded.method = exchange.method;
  try {
    recorded.url = mask_.url(recorded_url(base_, exchange.url));
  } catch (const Failure&) {  // no URL at all, which the sender below will say
    recorded.url = printable(mask_.url(exchange.url));
  }
  recorded.headers = mask_.headers(exchange.headers);
  if (!exchange.idempotency_key.empty())
    recorded.headers.emplace_back("Idempotency-Key", printable(exchange.idempotency_key));
  const auto kept = [&](const HttpContent& content, const std::string& type, const std::string& name) {
    if (const auto* file = std::get_if<FileBody>(&content)) return keep_file(*file, type, name);
    return keep(std::get<std::string_view>(content), type, name);
  };
  if (exchange.parts.empty()) recorded.body = kept(exchange.body, content_type_of(exchange.headers), stem + "-request");
  for (const HttpFormPart& part : exchange.parts) {
    RecordedPart about{printable(part.name), printable(part.file_name), printable(part.content_type), {}};
    const auto* text = std::get_if<std::string_view>(&part.content);
    if (text != nullptr && names_secret(part.name))
      about.body.text = mask_.form_field(part.name, *text);
    else
      about.body = kept(part.content, part.content_type, stem + "-part-" + std::to_string(recorded.parts.size() + 1));
    recorded.parts.push_back(std::move(about));
  }
}

RecordedBody Recorder::keep(std::string_view body, const std::string& content_type, const std::string& stem) {
  if (!is_text(body)) return beside(body, content_type, stem);
  check_searchable(body.size());
  std::string masked = mask_.body(body, content_type);
  if (fits_inline(masked)) return {std::move(masked), ""};
  return beside(masked, content_type, stem);
}

RecordedBody Recorder::keep_file(const FileBody& file, const std::string& content_type, const std::string& stem) {
  if (begins_text(beginning_of(file.fd, 64u << 10))) {
    check_searchable(file.size);
    return keep(beginning_of(file.fd, static_cast<std::size_t>(file.size)), content_type, stem);
  }
  const std::string name = stem + extension_of(content_type, false);
  copy(file.fd, file.size, folder_ / name);
  return {"", name};
}

RecordedBody Recorder::beside(std::string_view body, const std::string& content_type, const std::string& stem) {
  const bool text = is_text(body);
  const std::string name = stem + extension_of(content_type, text);
  replace_file(folder_ / name, body, 0644);
  if (text) texts_.push_back(folder_ / name);
  return {"", name};
}

void Recorder::write(const RecordedExchange& exchange, const std::string& stem) {
  texts_.push_back(folder_ / (stem + ".http"));
  replace_file(texts_.back(), exchange.text(), 0644);
}

// A token is often known as one only after the answer it came with.
void Recorder::mask_again() {
  if (mask_.known_secrets() == masked_with_) return;
  masked_with_ = mask_.known_secrets();
  for (const fs::path& file : texts_) {
    const std::string text = read_file(file, largest_text * 2);
    const std::string masked = mask_.again(text);
    if (masked != text) replace_file(file, masked, 0644);
  }
}

// The number after the largest there is: a run may have two senders.
std::string Recorder::next_stem(const std::string& method, const std::string& url) const {
  unsigned last = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 4 && name[4] == '-') last = std::max(last, static_cast<unsigned>(std::atoi(name.c_str())));
  }
  char number[16];
  std::snprintf(number, sizeof number, "%04u", last + 1);
  std::string path = url.substr(0, url.find('?'));
  if (const std::size_t slash = path.find_last_not_of('/'); slash != std::string::npos) path.resize(slash + 1);
  const std::string word = without_secrets_in_name(path.substr(path.rfind('/') + 1));
  return std::string(number) + "-" + without_secrets_in_name(method) + (word.empty() ? "" : "-" + word);
}

}  // namespace ferry::host
