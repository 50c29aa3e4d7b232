// One connection to a PostgreSQL server, its answers, and its errors as failures a person can act on.
//
// A statement that fails throws PostgresFailure with the server's SQLSTATE; the connection string never shows in it.
// (platform, destination_lost): the connection broke or could not be made; (credentials, destination_denied);
// (machine, disk_full); (machine, destination_busy): a lock was not given in time, or the server has no room for one
// more; (machine, destination): all else. One thread at a time.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/failure.hpp"
#include "host/base/redactor.hpp"

namespace ferry::host {

class PostgresFailure : public Failure {
 public:
  PostgresFailure(Fault fault, std::string code, const std::string& message, std::string state)
      : Failure(fault, std::move(code), message), state_(std::move(state)) {}
  // "23505"; "" where there is none, as of a broken connection.
  const std::string& state() const noexcept { return state_; }
  bool is_conflict() const { return state_ == "23505"; }
  // The rows are at fault, not the server: a value no column can hold, or one too big.
  bool is_of_rows() const { return state_.starts_with("22") || state_.starts_with("54"); }

 private:
  std::string state_;
};

// The parameters of one statement, $1 first.
class PostgresParameters {
 public:
  PostgresParameters& text(std::string_view value);
  PostgresParameters& number(std::int64_t value) { return text(std::to_string(value)); }
  PostgresParameters& flag(bool value) { return text(value ? "t" : "f"); }
  PostgresParameters& null();
  PostgresParameters& binary(std::string value);  // as the type's own send function would write it

 private:
  friend class PostgresConnection;
  struct One {
    std::string bytes;
    bool null = false, binary = false;
  };
  std::vector<One> all_;
};

// The rows of an answer, as text; owns them.
class PostgresAnswer {
 public:
  explicit PostgresAnswer(PGresult* result) : result_(result, &PQclear) {}

  std::size_t rows() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
  std::string_view text(std::size_t row, int column) const;
  std::int64_t number(std::size_t row, int column) const;  // 0 of NULL
  bool flag(std::size_t row, int column) const { return text(row, column) == "t"; }
  bool null(std::size_t row, int column) const {
    return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
  }
  std::uint64_t affected() const;

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

// "name", whatever is in it.
std::string quote_identifier(std::string_view name);
// 'text', whatever is in it.
std::string sql_literal(std::string_view text);

class PostgresConnection {
 public:
  // conninfo: a connection string or URL. Failure(usage, bad_destination) if it is neither.
  explicit PostgresConnection(const std::string& conninfo,
                              std::chrono::milliseconds patience = std::chrono::seconds(15));
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // "PostgreSQL host/database" of a connection string, without connecting.
  static std::string describe(const std::string& conninfo);

  PostgresAnswer run(const std::string& sql);  // several statements are allowed; the last one's answer
  PostgresAnswer run(const std::string& sql, const PostgresParameters&);
  // Rows one by one, of an answer that may be larger than memory.
  template <typename Take>
  void stream(const std::string& sql, Take take);

  // COPY ... FROM STDIN: begin, put what the format wants, end. A row the server refuses shows at the end.
  void begin_copy(const std::string& sql);
  void put(std::string_view bytes);
  std::uint64_t end_copy();  // rows

  // One of its user's locks, held until the session or unlock_all() ends it; (machine, destination_busy) when someone
  // else has it and keeps it.
  void lock(std::string_view name, const std::string& what);
  void unlock_all() noexcept;
  // Throws also where the transaction had failed before and the server rolls it back.
  void commit();
  void rollback() noexcept;

 private:
  [[noreturn]] void fail(const PGresult*);
  PGresult* checked(PGresult*);
  void begin_stream(const std::string& sql);
  std::optional<PostgresAnswer> next_of_stream();

  std::string name_;
  Redactor redactor_;
  PGconn* connection_ = nullptr;
};

template <typename Take>
void PostgresConnection::stream(const std::string& sql, Take take) {
  begin_stream(sql);
  while (const auto row = next_of_stream()) take(*row);
}

}  // namespace ferry::host
