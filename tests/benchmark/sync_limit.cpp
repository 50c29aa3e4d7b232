// sync_limit URL COMPANY DESTINATION MODEL...: the least a program can do that reads record pages over HTTP and writes
// their rows. One thread; no hash, no checkpoint, no comparing, no statistics, no retry: what ferry's first load is
// measured against. DESTINATION: a file (SQLite, WAL, synchronous normal, prepared statements, a transaction a page) or
// a conninfo with "=" in it (PostgreSQL, COPY, a transaction a model). Times are not taken here.
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <simdjson.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::array<const char*, 13> members = {
    "rootfi_id",   "rootfi_deleted_at", "rootfi_created_at", "rootfi_updated_at", "rootfi_company_id", "platform_id",
    "currency_id", "contact_id",        "total_amount",      "document_number",   "posted_date",       "memo",
    "status"};

class Pages {
 public:
  explicit Pages(const std::string& url) {
    const std::size_t start = url.find("://") + 3, slash = std::min(url.find('/', start), url.size());
    host_ = url.substr(start, slash - start);
    path_ = url.substr(slash);
    const std::size_t colon = host_.find(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_.substr(colon + 1))));
    ::inet_pton(AF_INET, host_.substr(0, colon).c_str(), &address.sin_addr);
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect to " + url);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    buffer_.resize(4 << 20);
  }
  ~Pages() { ::close(socket_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  // The body; room for simdjson's padding is behind it.
  std::string_view get(const std::string& target) {
    const std::string request =
        "GET " + path_ + target + " HTTP/1.1\r\nHost: " + host_ + "\r\napi_key: sandbox\r\n\r\n";
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      throw std::runtime_error("sending failed");
    std::size_t filled = 0, head = std::string_view::npos;
    while (head == std::string_view::npos) {
      filled += receive(filled);
      head = std::string_view(buffer_.data(), filled).find("\r\n\r\n");
    }
    const std::string_view header(buffer_.data(), head);
    constexpr std::string_view length = "\r\nContent-Length: ";
    const std::size_t at = header.find(length);
    if (!header.starts_with("HTTP/1.1 200") || at == std::string_view::npos)
      throw std::runtime_error(target + ": " + std::string(header));
    const std::size_t size = std::stoul(std::string(header.substr(at + length.size(), 20))), start = head + 4;
    if (start + size + simdjson::SIMDJSON_PADDING > buffer_.size()) throw std::runtime_error("a page is too large");
    while (filled < start + size) filled += receive(filled);
    return {buffer_.data() + start, size};
  }

 private:
  std::size_t receive(std::size_t at) {
    const ssize_t got = ::recv(socket_, buffer_.data() + at, buffer_.size() - at, 0);
    if (got <= 0) throw std::runtime_error("the connection broke");
    return static_cast<std::size_t>(got);
  }

  std::string host_, path_;
  int socket_ = -1;
  std::vector<char> buffer_;
};

simdjson::dom::element member(const simdjson::dom::element& object, const char* name) {
  simdjson::dom::element value;
  if (object[name].get(value) != simdjson::SUCCESS) throw std::runtime_error(std::string("there is no ") + name);
  return value;
}

class Table {
 public:
  virtual ~Table() = default;
  virtual void begin(const std::string& model) = 0;
  virtual void page(simdjson::dom::array records) = 0;
  virtual void end() = 0;
};

class SqliteTable final : public Table {
 public:
  explicit SqliteTable(const std::string& file) {
    if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) fail();
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
  }
  ~SqliteTable() override { sqlite3_close(database_); }

  void begin(const std::string& model) override {
    std::string columns = "rootfi_id INTEGER PRIMARY KEY", parameters = "?";
    for (std::size_t i = 1; i < members.size(); ++i) {
      columns += std::string(", ") + members[i];
      parameters += ", ?";
    }
    execute("CREATE TABLE " + model + " (" + columns + ")");
    const std::string insert = "INSERT INTO " + model + " VALUES (" + parameters + ")";
    if (sqlite3_prepare_v2(database_, insert.c_str(), -1, &insert_, nullptr) != SQLITE_OK) fail();
  }
  void page(simdjson::dom::array records) override {
    execute("BEGIN");
    for (const simdjson::dom::element record : records) {
      for (std::size_t i = 0; i < members.size(); ++i) bind(static_cast<int>(i) + 1, member(record, members[i]));
      if (sqlite3_step(insert_) != SQLITE_DONE) fail();
      sqlite3_reset(insert_);
    }
    execute("COMMIT");
  }
  void end() override { sqlite3_finalize(insert_); }

 private:
  void bind(int parameter, simdjson::dom::element value) {
    using Type = simdjson::dom::element_type;
    switch (value.type()) {
      case Type::STRING: {
        const std::string_view text = value.get_string().value_unsafe();
        sqlite3_bind_text(insert_, parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        return;
      }
      case Type::INT64: sqlite3_bind_int64(insert_, parameter, value.get_int64().value_unsafe()); return;
      case Type::DOUBLE: sqlite3_bind_double(insert_, parameter, value.get_double().value_unsafe()); return;
      default: sqlite3_bind_null(insert_, parameter);
    }
  }
  void execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() { throw std::runtime_error(sqlite3_errmsg(database_)); }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

class PostgresTable final : public Table {
 public:
  explicit PostgresTable(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) fail();
  }
  ~PostgresTable() override { PQfinish(connection_); }

  void begin(const std::string& model) override {
    std::string columns = "rootfi_id bigint PRIMARY KEY";
    for (std::size_t i = 1; i < members.size(); ++i) {
      const std::string_view name = members[i];
      columns += ", " + std::string(name) +
                 (name == "rootfi_company_id" ? " bigint"
                  : name == "total_amount"    ? " numeric"
                                              : " text");
    }
    execute("CREATE TABLE limit_" + model + " (" + columns + ")", PGRES_COMMAND_OK);
    execute("COPY limit_" + model + " FROM STDIN", PGRES_COPY_IN);
  }
  void page(simdjson::dom::array records) override {
    text_.clear();
    for (const simdjson::dom::element record : records)
      for (std::size_t i = 0; i < members.size(); ++i) {
        append(member(record, members[i]));
        text_ += i + 1 < members.size() ? '\t' : '\n';
      }
    if (PQputCopyData(connection_, text_.data(), static_cast<int>(text_.size())) != 1) fail();
  }
  void end() override {
    if (PQputCopyEnd(connection_, nullptr) != 1) fail();
    while (PGresult* result = PQgetResult(connection_)) {
      const bool well = PQresultStatus(result) == PGRES_COMMAND_OK;
      PQclear(result);
      if (!well) fail();
    }
  }

 private:
  void append(simdjson::dom::element value) {
    using Type = simdjson::dom::element_type;
    switch (value.type()) {
      case Type::STRING: {
        const std::string_view text = value.get_string().value_unsafe();
        for (const char c : text) {
          if (c == '\\' || c == '\t' || c == '\n' || c == '\r') text_ += '\\';
          text_ += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        }
        return;
      }
      case Type::INT64: text_ += std::to_string(value.get_int64().value_unsafe()); return;
      case Type::DOUBLE: {
        char digits[32];
        text_.append(digits, static_cast<std::size_t>(
                                 std::snprintf(digits, sizeof digits, "%.15g", value.get_double().value_unsafe())));
        return;
      }
      default: text_ += "\\N";
    }
  }
  void execute(const std::string& sql, ExecStatusType expected) {
    PGresult* result = PQexec(connection_, sql.c_str());
    const bool well = PQresultStatus(result) == expected;
    PQclear(result);
    if (!well) fail();
  }
  [[noreturn]] void fail() { throw std::runtime_error(PQerrorMessage(connection_)); }

  PGconn* connection_;
  std::string text_;
};

std::string path_of(std::string model) {
  for (char& c : model) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return "/accounting/" + model;
}

void load(Pages& pages, const std::string& company, Table& table, const std::string& model) {
  simdjson::dom::parser parser;
  table.begin(model);
  std::string next;
  do {
    const std::string_view body = pages.get(path_of(model) +
                                            "?limit=1000&include_deleted_records=true&sort%5Brootfi_updated_at%5D=ASC"
                                            "&rootfi_company_id%5Beq%5D=" +
                                            company + (next.empty() ? "" : "&next=" + next));
    const simdjson::dom::element page = parser.parse(body.data(), body.size(), false);
    table.page(member(page, "data").get_array().value());
    const simdjson::dom::element cursor = member(page, "next");
    next = cursor.is_string() ? std::string(cursor.get_string().value()) : std::string();
  } while (!next.empty());
  table.end();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 5) throw std::runtime_error("usage: sync_limit URL COMPANY DESTINATION MODEL...");
  Pages pages(argv[1]);
  const std::string destination = argv[3];
  std::unique_ptr<Table> table;
  if (destination.find('=') == std::string::npos)
    table = std::make_unique<SqliteTable>(destination);
  else
    table = std::make_unique<PostgresTable>(destination);
  for (int i = 4; i < argc; ++i) load(pages, argv[2], *table, argv[i]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "sync_limit: %s\n", error.what());
  return 1;
}
