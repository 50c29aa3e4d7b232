// A PostgreSQL server of a test's own: a new cluster in a temporary folder, reachable by a socket in it alone, without
// fsync unless asked for. Runs as the user postgres (or nobody) where the test is root, because the server refuses
// root. Stopped by its process id, and its folder removed, when it goes out of scope. Throws std::runtime_error.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/base/files.hpp"

namespace ferry::test {

// What a statement gave: rows of texts, NULL as "NULL".
using TextRows = std::vector<std::vector<std::string>>;

class PostgresServer {
 public:
  struct Settings {
    bool fsync = false;
    std::vector<std::string> options;  // "max_connections=5"
  };

  // Is a server installed here?
  static bool available();

  PostgresServer() : PostgresServer(Settings{}) {}
  explicit PostgresServer(Settings);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A connection string of the superuser, or of another role.
  std::string conninfo(const std::string& database = "postgres", const std::string& user = "postgres") const;
  // A new, empty database; its name.
  std::string make_database();
  TextRows query(const std::string& sql, const std::string& database = "postgres") const;
  // Ends every other connection, as an administrator would.
  void cut_connections() const;
  // Stops it at once, with nothing written down, and starts it: it recovers as after a crash.
  void restart();
  void stop();
  void start();

 private:
  pid_t spawn(const std::vector<std::string>& arguments, const std::filesystem::path& output) const;

  const Settings settings_;
  host::TemporaryDirectory directory_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace ferry::test
