// Does what it is told, one step a line, and logs what came of each: "STEP -> STATUS[: TEXT]". The script of an
// operation is its request: the text itself, or the keys of an export's select. create and destroy take theirs from the
// connection's url: "create:STEPS" or "destroy:STEPS", with commas for line breaks.
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "ferry/connector.h"
#include "ferry/json.hpp"

namespace {

ferry_str str(std::string_view text) { return {text.data(), text.size()}; }
std::string text_of(ferry_str text) { return std::string(text.data == nullptr ? "" : text.data, text.size); }

struct Given {
  const ferry_host* host = nullptr;
  const ferry_call* call = nullptr;
  const ferry_sink* sink = nullptr;
  const ferry_package_writer* writer = nullptr;
  const ferry_package_reader* reader = nullptr;
};

struct Outcome {
  ferry_status status = FERRY_OK;
  std::string text;
};

void append(void* user, ferry_str value) { static_cast<std::string*>(user)->append(value.data, value.size); }
ferry_status append_piece(void* user, const void* data, size_t size) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(data), size);
  return FERRY_OK;
}
ferry_status append_body(void* user, ferry_str piece) {
  append(user, piece);
  return FERRY_OK;
}

class Script {
 public:
  explicit Script(const Given& given) : given_(given) {}

  ferry_status run(const std::string& script) {
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line) && !ended_;) {
      const std::size_t space = line.find(' ');
      const std::string word = line.substr(0, space);
      const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
      const auto step = steps_.find(word);
      const Outcome outcome = step == steps_.end() ? Outcome{-1, "no such step"} : step->second(rest);
      if (word != "log")
        log(FERRY_LOG_INFO, line.substr(0, 60) + " -> " + std::to_string(outcome.status) +
                                (outcome.text.empty() ? "" : ": " + outcome.text));
    }
    return result_;
  }

 private:
  template <class Table>
  const Table* service(const char* id) const {
    return static_cast<const Table*>(given_.host->get_service(given_.host, str(id)));
  }
  void log(int level, const std::string& text) const {
    service<ferry_log>(FERRY_SERVICE_LOG)->write(given_.host, level, str(text), str(""));
  }
  static std::pair<std::string, std::string> halves(const std::string& rest) {
    const std::size_t space = rest.find(' ');
    return {rest.substr(0, space), space == std::string::npos ? "" : rest.substr(space + 1)};
  }
  static std::string repeated(const std::string& count) { return std::string(std::stoul(count), 'x'); }

  Outcome fact(const std::string& json) const { return {given_.call->report(given_.call, str(json)), ""}; }
  Outcome facts(const std::string& count) const {
    for (unsigned long i = 0; i < std::stoul(count); ++i)
      fact(R"({"fact":"item","type":"thing","id":")" + std::to_string(i) + R"(","outcome":"added"})");
    return {};
  }
  Outcome batch(const std::string& stream, std::uint64_t count, const std::string& lines) const {
    const ferry_batch batch{sizeof batch, FERRY_ENCODING_JSON_LINES, count, lines.data(), lines.size()};
    return {given_.sink->write(given_.sink, str(stream), &batch), ""};
  }
  // STREAM COUNT FIRST
  Outcome records(const std::string& rest) const {
    std::istringstream in(rest);
    std::string stream, lines;
    unsigned long count = 0, first = 0;
    in >> stream >> count >> first;
    for (unsigned long i = first; i < first + count; ++i) lines += "{\"n\":" + std::to_string(i) + "}\n";
    return batch(stream, count, lines);
  }
  Outcome http(const std::string& rest, std::uint32_t flags = 0) const {
    const auto* table = service<ferry_http>(FERRY_SERVICE_HTTP);
    if (table == nullptr) return {-1, "not granted"};
    const auto [method, url] = halves(rest);
    ferry_http_request request{};
    request.size = sizeof request;
    request.flags = flags;
    request.method = str(method);
    request.url = str(url);
    std::string body;
    const ferry_http_receiver receiver{sizeof receiver, 0, &body, nullptr, append_body};
    const ferry_status status = table->send(given_.host, given_.call, &request, &receiver);
    return {status, body};
  }
  Outcome package() const {
    std::string listed = std::to_string(given_.reader->archive_size) + " " + text_of(given_.reader->archive_sha256);
    for (std::uint64_t i = 0; i < given_.reader->entry_count(given_.reader); ++i) {
      ferry_package_entry entry{sizeof entry, 0, {}, 0};
      given_.reader->entry_at(given_.reader, i, &entry);
      std::string content;
      given_.reader->read_entry(given_.reader, i, &content, append_piece);
      listed += " " + text_of(entry.name) + "=" + content;
    }
    return {FERRY_OK, listed};
  }
  Outcome until_cancelled() {
    const timespec pause{0, 2'000'000};
    for (std::uint64_t i = 0; given_.call->cancelled(given_.call) == 0; ++i) {
      given_.call->progress(given_.call, i, 0, str("waiting"));
      nanosleep(&pause, nullptr);
    }
    return stop(FERRY_CANCELLED);
  }
  Outcome stop(ferry_status status) {
    ended_ = true;
    result_ = status;
    return {status, "end"};
  }

  using Step = std::function<Outcome(const std::string&)>;
  const Given given_;
  bool ended_ = false;
  ferry_status result_ = FERRY_OK;
  const std::map<std::string, Step> steps_ = {
      {"fact", [this](const std::string& rest) { return fact(rest); }},
      {"facts", [this](const std::string& rest) { return facts(rest); }},
      {"records", [this](const std::string& rest) { return records(rest); }},
      {"lines", [this](const std::string& rest) { return batch(halves(rest).first, 1, halves(rest).second + "\n"); }},
      {"unended", [this](const std::string& rest) { return batch("s", 1, rest); }},
      {"big_batch", [this](const std::string& rest) { return batch("s", 1, repeated(rest) + "\n"); }},
      {"checkpoint",
       [this](const std::string& rest) {
         const auto [stream, state] = halves(rest);
         return Outcome{given_.sink->checkpoint(given_.sink, str(stream), str(state)), ""};
       }},
      {"put",
       [this](const std::string& rest) {
         const auto [key, value] = halves(rest);
         return Outcome{service<ferry_state>(FERRY_SERVICE_STATE)->put(given_.host, given_.call, str(key), str(value)),
                        text_of(given_.call->last_error(given_.call))};
       }},
      {"put_big",
       [this](const std::string& rest) {
         const std::string value = repeated(rest);
         return Outcome{
             service<ferry_state>(FERRY_SERVICE_STATE)->put(given_.host, given_.call, str("big"), str(value)),
             text_of(given_.call->last_error(given_.call))};
       }},
      {"put_bytes",
       [this](const std::string&) {
         return Outcome{
             service<ferry_state>(FERRY_SERVICE_STATE)->put(given_.host, given_.call, str("bytes"), str("\xff\xfe")),
             text_of(given_.call->last_error(given_.call))};
       }},
      {"get",
       [this](const std::string& rest) {
         std::string value = "";
         const ferry_status status =
             service<ferry_state>(FERRY_SERVICE_STATE)->get(given_.host, given_.call, str(rest), &value, append);
         return Outcome{status, value.size() > 100 ? std::to_string(value.size()) + " bytes" : value};
       }},
      {"remove",
       [this](const std::string& rest) {
         return Outcome{service<ferry_state>(FERRY_SERVICE_STATE)->remove(given_.host, given_.call, str(rest)), ""};
       }},
      {"secret",
       [this](const std::string& rest) {
         std::string value;
         const ferry_status status =
             service<ferry_secret>(FERRY_SERVICE_SECRET)->get(given_.host, given_.call, str(rest), &value, append);
         return Outcome{status, value.empty() ? "nothing" : std::to_string(value.size()) + " bytes " + value};
       }},
      {"mask",
       [this](const std::string& rest) {
         return Outcome{service<ferry_secret>(FERRY_SERVICE_SECRET)->mask(given_.host, given_.call, str(rest)), ""};
       }},
      {"get_token",  // as from a platform: no part of the request
       [this](const std::string&) {
         const std::string token = "later-token-123";
         const ferry_status status =
             service<ferry_secret>(FERRY_SERVICE_SECRET)->mask(given_.host, given_.call, str(token));
         std::printf("%s\n", token.c_str());
         given_.call->fail(given_.call, FERRY_REMOTE, str("refused: " + token), str(""));
         return Outcome{status, token};
       }},
      {"log",
       [this](const std::string& rest) {
         log(FERRY_LOG_WARNING, rest);
         return Outcome{};
       }},
      {"progress",
       [this](const std::string& rest) {
         given_.call->progress(given_.call, 1, 2, str(rest));
         return Outcome{};
       }},
      {"sleep",
       [this](const std::string& rest) {
         return Outcome{service<ferry_clock>(FERRY_SERVICE_CLOCK)->sleep_ms(given_.host, given_.call, std::stoll(rest)),
                        ""};
       }},
      {"service",
       [this](const std::string& rest) {
         return Outcome{FERRY_OK, given_.host->get_service(given_.host, str(rest)) == nullptr ? "no" : "yes"};
       }},
      {"fail",
       [this](const std::string& rest) {
         const auto [status, message] = halves(rest);
         given_.call->fail(given_.call, std::stoi(status), str(message), str(""));
         return Outcome{};
       }},
      {"fail_as_told",
       [this](const std::string& rest) {
         const std::string message = "I could not: " + text_of(given_.call->last_error(given_.call));
         given_.call->fail(given_.call, std::stoi(rest), str(message), str(""));
         return stop(std::stoi(rest));
       }},
      {"return", [this](const std::string& rest) { return stop(std::stoi(rest)); }},
      {"print",
       [](const std::string& rest) {
         std::printf("%s\n", rest.c_str());
         return Outcome{};
       }},
      {"print_bytes",
       [](const std::string&) {
         std::printf("\xff\xfe\n");
         return Outcome{};
       }},
      {"print_error",
       [](const std::string& rest) {
         std::fprintf(stderr, "%s\n", rest.c_str());
         return Outcome{};
       }},
      {"print_much",
       [](const std::string& rest) {
         for (unsigned long i = 0; i < std::stoul(rest); ++i) std::printf("line %lu\n", i);
         return Outcome{};
       }},
      {"print_long",
       [](const std::string& rest) {
         std::printf("%s\n", repeated(rest).c_str());
         return Outcome{};
       }},
      {"print_part",
       [](const std::string& rest) {
         std::printf("%s", rest.c_str());
         return Outcome{};
       }},
      {"hang",
       [](const std::string&) -> Outcome {
         for (;;) pause();
       }},
      {"spin",
       [](const std::string&) -> Outcome {
         for (std::atomic<unsigned long> i{0};; ++i) {
         }
       }},
      {"crash",
       [](const std::string&) -> Outcome {
         signal(SIGSEGV, SIG_DFL);
         raise(SIGSEGV);
         return {};
       }},
      {"ignore_term",
       [](const std::string&) {
         signal(SIGTERM, SIG_IGN);
         return Outcome{};
       }},
      {"fork",
       [](const std::string&) {
         if (fork() == 0)
           for (;;) pause();
         return Outcome{};
       }},
      {"fork_away",  // out of the group, with everything open
       [](const std::string&) {
         if (fork() == 0) {
           setsid();
           sleep(20);
           _exit(0);
         }
         return Outcome{};
       }},
      {"exit", [](const std::string& rest) -> Outcome { _exit(std::stoi(rest)); }},
      {"shut_channel",
       [](const std::string&) {
         shutdown(3, SHUT_RDWR);
         return Outcome{};
       }},
      {"pid",
       [](const std::string&) {
         return Outcome{FERRY_OK, std::to_string(getpid())};
       }},
      {"thread_fact",
       [this](const std::string& rest) {
         Outcome outcome;
         std::thread([&] { outcome = fact(rest); }).join();
         return outcome;
       }},
      {"threads_log",
       [this](const std::string& rest) {
         std::thread threads[4];
         for (std::thread& thread : threads)
           thread = std::thread([&] {
             for (unsigned long i = 0; i < std::stoul(rest); ++i) log(FERRY_LOG_INFO, "from a thread");
           });
         for (std::thread& thread : threads) thread.join();
         return Outcome{};
       }},
      {"entry",
       [this](const std::string& rest) {
         return Outcome{given_.writer->begin_entry(given_.writer, str(rest)), ""};
       }},
      {"write",
       [this](const std::string& rest) {
         return Outcome{given_.writer->write(given_.writer, rest.data(), rest.size()), ""};
       }},
      {"write_much",
       [this](const std::string& rest) {
         const std::string bytes = repeated(rest);
         return Outcome{given_.writer->write(given_.writer, bytes.data(), bytes.size()), ""};
       }},
      {"describe",
       [this](const std::string& rest) {
         return Outcome{given_.writer->describe(given_.writer, str(rest)), ""};
       }},
      {"describe_much",
       [this](const std::string& rest) {
         const std::string json = "{\"long\":\"" + repeated(rest) + "\"}";
         return Outcome{given_.writer->describe(given_.writer, str(json)), ""};
       }},
      {"restart",
       [this](const std::string&) {
         return Outcome{given_.writer->restart(given_.writer), ""};
       }},
      {"hash",
       [this](const std::string&) {
         std::string hex(64, '?');
         const ferry_status status = given_.writer->sha256(given_.writer, hex.data());
         return Outcome{status, hex};
       }},
      {"package", [this](const std::string&) { return package(); }},
      {"http", [this](const std::string& rest) { return http(rest); }},
      {"clean_up", [this](const std::string& rest) { return http(rest, FERRY_HTTP_CLEAN_UP); }},
      {"until_cancelled", [this](const std::string&) { return until_cancelled(); }},
  };
};

struct Instance {
  const ferry_host* host;
  const ferry_call* call;
  std::string at_destroy;
};

std::string script_of(ferry_str request) {
  std::string text = text_of(request);
  if (text.empty() || text[0] != '{') return text;
  std::string script;
  const ferry::Json json = ferry::Json::parse(text);
  for (const auto& [list, member] : {std::pair{"select", "key"}, {"streams", "stream"}, {"mapping", "source"}})
    if (json[list].is_array())
      for (const ferry::Json& item : json[list].items()) script += item[member].as_string() + "\n";
  return script;
}

std::string steps_after(const std::string& url, const std::string& stage) {
  if (url.rfind(stage + ":", 0) != 0) return "";
  std::string steps = url.substr(stage.size() + 1);
  for (char& c : steps)
    if (c == ',') c = '\n';
  return steps;
}

ferry_status create(const ferry_host* host, const ferry_call* call, ferry_str config, ferry_instance** instance) {
  const std::string url(ferry::Json::parse(text_of(config)).text_or("url", ""));
  const ferry_status status = Script({host, call, nullptr, nullptr, nullptr}).run(steps_after(url, "create"));
  if (status == FERRY_OK)
    *instance = reinterpret_cast<ferry_instance*>(new Instance{host, call, steps_after(url, "destroy")});
  return status;
}

void destroy(ferry_instance* instance) {
  auto* self = reinterpret_cast<Instance*>(instance);
  Script({self->host, self->call, nullptr, nullptr, nullptr}).run(self->at_destroy);
  delete self;
}

const ferry_host* host_of(ferry_instance* instance) { return reinterpret_cast<Instance*>(instance)->host; }

ferry_status check(ferry_instance* instance, const ferry_call* call, ferry_str request) {
  return Script({host_of(instance), call, nullptr, nullptr, nullptr}).run(script_of(request));
}
ferry_status read(ferry_instance* instance, const ferry_call* call, ferry_str request, const ferry_sink* sink) {
  return Script({host_of(instance), call, sink, nullptr, nullptr}).run(script_of(request));
}
ferry_status export_package(ferry_instance* instance, const ferry_call* call, ferry_str request,
                            const ferry_package_writer* writer) {
  return Script({host_of(instance), call, nullptr, writer, nullptr}).run(script_of(request));
}
ferry_status inspect(ferry_instance* instance, const ferry_call* call, ferry_str request,
                     const ferry_package_reader* reader, const ferry_sink* sink) {
  return Script({host_of(instance), call, sink, nullptr, reader}).run(script_of(request));
}
ferry_status import_package(ferry_instance* instance, const ferry_call* call, ferry_str request,
                            const ferry_package_reader* reader) {
  return Script({host_of(instance), call, nullptr, nullptr, reader}).run(script_of(request));
}

const void* capability(ferry_str id) {
  static const ferry_check check_table{sizeof check_table, 0, check};
  static const ferry_catalog catalog_table{sizeof catalog_table, 0, read};
  static const ferry_read read_table{sizeof read_table, 0, read};
  static const ferry_export export_table{sizeof export_table, 0, export_package};
  static const ferry_inspect inspect_table{sizeof inspect_table, 0, inspect};
  static const ferry_import import_table{sizeof import_table, 0, import_package};
  const std::string wanted = text_of(id);
  if (wanted == FERRY_CAPABILITY_CHECK) return &check_table;
  if (wanted == FERRY_CAPABILITY_CATALOG) return &catalog_table;
  if (wanted == FERRY_CAPABILITY_READ) return &read_table;
  if (wanted == FERRY_CAPABILITY_EXPORT) return &export_table;
  if (wanted == FERRY_CAPABILITY_INSPECT) return &inspect_table;
  if (wanted == FERRY_CAPABILITY_IMPORT) return &import_table;
  return nullptr;
}

constexpr char descriptor[] = "{\"id\":\"" ZOO_ID "\",\"version\":\"1.0.0\"}";

}  // namespace

extern "C" FERRY_EXPORT const ferry_connector* ferry_connector_v1(void) {
  static const ferry_connector table{sizeof table, 0, {descriptor, sizeof descriptor - 1}, create, destroy, capability};
  return &table;
}
