#include "host/destinations/postgres_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>

#include "host/base/environment.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options options_of(const std::string& conninfo) {
  // What libpq says of a string it cannot read shows parts of it, and one may be the password.
  Options options(PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  if (!options)
    throw Failure(Fault::usage, "bad_destination",
                  "the address of the PostgreSQL destination cannot be read; expected is "
                  "postgresql://USER@HOST:PORT/DATABASE or \"host=... dbname=...\"");
  return options;
}

std::string option(const Options& options, std::string_view keyword, const char* variable) {
  for (const PQconninfoOption* at = options.get(); at->keyword != nullptr; ++at)
    if (keyword == at->keyword && at->val != nullptr && *at->val != '\0') return at->val;
  return environment(variable);
}

struct Kind {
  Fault fault;
  const char* code;
  const char* advice;
};

Kind kind_of(std::string_view state) {
  if (state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" || state == "25P03")
    return {Fault::platform, "destination_lost",
            "nothing of the transaction was kept; run it again when the server is there, it goes on where it was"};
  if (state.starts_with("28") || state == "42501")
    return {Fault::credentials, "destination_denied", "check the user and password, or have the rights granted"};
  if (state == "53100") return {Fault::machine, "disk_full", "make room on the server's disk and run it again"};
  if (state == "55P03" || state == "53300" || state.starts_with("40"))
    return {Fault::machine, "destination_busy", "run it again when the other work has ended"};
  if (state == "3D000") return {Fault::usage, "no_database", "create the database, or correct its name"};
  if (state == "25006")
    return {Fault::machine, "destination",
            "the server takes no writes (a standby?); give the address of one that does"};
  if (state == "2BP01")
    return {Fault::machine, "destination",
            "something of yours depends on it; drop that, run it again, and make it anew"};
  return {Fault::machine, "destination", ""};
}

[[noreturn]] void raise(const std::string& name, const std::string& found, const std::string& state, const Kind& kind) {
  std::string message = name + ": " + found;
  if (*kind.advice != '\0') message += "; " + std::string(kind.advice);
  throw PostgresFailure(kind.fault, kind.code, message, state);
}

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return printable(shortened(text, 600));
}

// The SQLSTATE in "FATAL:  28P01: password ...", as verbose messages have it; libpq offers it nowhere else.
std::string state_in(std::string_view message) {
  for (std::size_t at = message.find(": "); at != std::string_view::npos; at = message.find(": ", at + 1)) {
    std::size_t begin = at + 2;
    while (begin < message.size() && message[begin] == ' ') ++begin;
    const std::string_view word = message.substr(begin, 5);
    const bool state =
        word.size() == 5 && message.substr(begin + 5, 1) == ":" &&
        word.find_first_of("0123456789") != std::string_view::npos &&  // "FATAL" is none
        std::all_of(word.begin(), word.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    if (state) return std::string(word);
  }
  return "";
}

constexpr const char* settings =
    "SET client_min_messages = warning; SET lock_timeout = '30s'; SET statement_timeout = 0; "
    "SET idle_in_transaction_session_timeout = 0; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; "
    "SET standard_conforming_strings = on; SET default_transaction_isolation = 'read committed'; "
    "SET work_mem = '32MB'; SET jit = off; "
    // A batch is looked up by its key, not compared with all there is: the server cannot know that of a table that has
    // just been filled.
    "SET random_page_cost = 1.1; SET enable_hashjoin = off; SET enable_mergejoin = off; SET search_path = pg_catalog, "
    "pg_temp";

}  // namespace

PostgresParameters& PostgresParameters::text(std::string_view value) {
  all_.push_back({std::string(value)});
  return *this;
}

PostgresParameters& PostgresParameters::null() {
  all_.push_back({{}, true});
  return *this;
}

PostgresParameters& PostgresParameters::binary(std::string value) {
  all_.push_back({std::move(value), false, true});
  return *this;
}

std::string_view PostgresAnswer::text(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column), static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

std::int64_t PostgresAnswer::number(std::size_t row, int column) const {
  const std::string_view digits = text(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::uint64_t PostgresAnswer::affected() const { return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10); }

std::string quote_identifier(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) result.append(c == '"' ? 2 : 1, c);
  return result + '"';
}

std::string sql_literal(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result.append(c == '\'' ? 2 : 1, c);
  return result + '\'';
}

std::string PostgresConnection::describe(const std::string& conninfo) {
  const Options options = options_of(conninfo);
  std::string host = option(options, "host", "PGHOST"), database = option(options, "dbname", "PGDATABASE");
  if (host.empty()) host = option(options, "hostaddr", "PGHOSTADDR");
  if (host.empty()) host = "localhost";
  if (database.empty()) database = option(options, "user", "PGUSER");
  const std::string port = option(options, "port", "PGPORT");
  if (!port.empty() && port != "5432") host += ":" + port;
  return printable("PostgreSQL " + host + "/" + database);
}

PostgresConnection::PostgresConnection(const std::string& conninfo, milliseconds patience) : name_(describe(conninfo)) {
  const Options options = options_of(conninfo);
  redactor_.add(option(options, "password", "PGPASSWORD"));
  // Later words win: the text of records is UTF-8 whatever the environment says.
  const char* words[] = {"dbname", "client_encoding", "fallback_application_name", nullptr};
  const char* values[] = {conninfo.c_str(), "UTF8", "ferry", nullptr};
  connection_ = PQconnectStartParams(words, values, 1);
  if (connection_ == nullptr) throw std::bad_alloc();
  PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  try {
    const auto end = Steady::now() + patience;
    for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - Steady::now()).count();
      if (PQstatus(connection_) == CONNECTION_BAD || state == PGRES_POLLING_FAILED) {
        const std::string found = PQerrorMessage(connection_);
        const std::string sqlstate = state_in(found);
        if (sqlstate.empty() && PQconnectionNeedsPassword(connection_) != 0)
          raise(name_, "it wants a password, and none is given", "28P01", kind_of("28P01"));
        if (sqlstate.empty())
          raise(name_, "it cannot be reached: " + one_line(redactor_.mask(found)), "",
                {Fault::platform, "destination_lost", "check the address, and that the server runs"});
        raise(name_, one_line(redactor_.mask(found)), sqlstate, kind_of(sqlstate));
      }
      if (left <= 0)
        raise(name_, "it did not answer within " + human_duration(patience.count()), "",
              {Fault::platform, "destination_lost", "check the address, and that the server runs"});
      pollfd event{PQsocket(connection_), static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
      if (::poll(&event, 1, static_cast<int>(std::min<std::int64_t>(left, 1000))) > 0)
        state = PQconnectPoll(connection_);
    }
    PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
    run(settings);
    // Work of a ferry that was killed ends soon, and with it its locks.
    if (PQserverVersion(connection_) >= 140000) run("SET client_connection_check_interval = '1s'");
  } catch (...) {
    PQfinish(connection_);
    throw;
  }
}

PostgresConnection::~PostgresConnection() { PQfinish(connection_); }

void PostgresConnection::fail(const PGresult* result) {
  const auto field = [&](int code) -> std::string {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  std::string found = field(PG_DIAG_MESSAGE_PRIMARY);
  if (const std::string detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty()) found += " (" + detail + ")";
  if (found.empty()) found = result == nullptr ? PQerrorMessage(connection_) : PQresultErrorMessage(result);
  found = one_line(redactor_.mask(found));
  // What has no SQLSTATE is libpq's: it could not send or read.
  if (PQstatus(connection_) == CONNECTION_BAD || state.empty())
    raise(name_, "the connection broke: " + found, state, kind_of(state.starts_with("57P") ? state : "08006"));
  raise(name_, found, state, kind_of(state));
}

PGresult* PostgresConnection::checked(PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN || status == PGRES_EMPTY_QUERY)
    return result;
  const std::unique_ptr<PGresult, decltype(&PQclear)> owner(result, &PQclear);
  fail(result);
}

PostgresAnswer PostgresConnection::run(const std::string& sql) {
  return PostgresAnswer(checked(PQexec(connection_, sql.c_str())));
}

PostgresAnswer PostgresConnection::run(const std::string& sql, const PostgresParameters& parameters) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const PostgresParameters::One& one : parameters.all_) {
    values.push_back(one.null ? nullptr : one.bytes.c_str());
    lengths.push_back(static_cast<int>(one.bytes.size()));
    formats.push_back(one.binary ? 1 : 0);
  }
  return PostgresAnswer(checked(PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                             values.data(), lengths.data(), formats.data(), 0)));
}

void PostgresConnection::begin_stream(const std::string& sql) {
  if (PQsendQuery(connection_, sql.c_str()) == 0 || PQsetSingleRowMode(connection_) == 0) fail(nullptr);
}

std::optional<PostgresAnswer> PostgresConnection::next_of_stream() {
  while (PGresult* result = PQgetResult(connection_)) {
    if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) return PostgresAnswer(result);
    PostgresAnswer(checked(result));
  }
  return std::nullopt;
}

void PostgresConnection::begin_copy(const std::string& sql) { run(sql); }

void PostgresConnection::put(std::string_view bytes) {
  // libpq keeps what the server has not taken yet: small pieces keep that small.
  constexpr std::size_t piece = 64 * 1024;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    if (PQputCopyData(connection_, bytes.data(), static_cast<int>(std::min(piece, bytes.size()))) != 1) fail(nullptr);
}

std::uint64_t PostgresConnection::end_copy() {
  if (PQputCopyEnd(connection_, nullptr) != 1) fail(nullptr);
  std::unique_ptr<PGresult, decltype(&PQclear)> first(PQgetResult(connection_), &PQclear);
  while (PGresult* rest = PQgetResult(connection_)) PQclear(rest);
  if (PQresultStatus(first.get()) != PGRES_COMMAND_OK) fail(first.get());
  return std::strtoull(PQcmdTuples(first.get()), nullptr, 10);
}

void PostgresConnection::lock(std::string_view name, const std::string& what) {
  try {
    run("SELECT pg_advisory_lock(hashtextextended($1, 7338))", PostgresParameters().text(name));
  } catch (const PostgresFailure& failure) {
    if (failure.state() != "55P03") throw;
    raise(name_, what + " is being written by another ferry", failure.state(), kind_of(failure.state()));
  }
}

void PostgresConnection::unlock_all() noexcept { PQclear(PQexec(connection_, "SELECT pg_advisory_unlock_all()")); }

void PostgresConnection::commit() {
  std::unique_ptr<PGresult, decltype(&PQclear)> result(checked(PQexec(connection_, "COMMIT")), &PQclear);
  if (std::string_view(PQcmdStatus(result.get())) != "COMMIT")
    raise(name_, "the transaction had failed before and was not kept", "25P02", kind_of("25P02"));
}

void PostgresConnection::rollback() noexcept { PQclear(PQexec(connection_, "ROLLBACK")); }

}  // namespace ferry::host
