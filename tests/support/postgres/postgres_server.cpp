#include "tests/support/postgres/postgres_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/process.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;

fs::path programs() {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const fs::directory_entry& version : fs::directory_iterator("/usr/lib/postgresql", ignored))
    if (fs::exists(version.path() / "bin/postgres")) found.push_back(version.path() / "bin");
  return found.empty() ? fs::path() : *std::max_element(found.begin(), found.end());
}

const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

std::string text_of(const fs::path& file) { return fs::exists(file) ? host::read_file(file) : std::string(); }

}  // namespace

bool PostgresServer::available() { return !programs().empty(); }

PostgresServer::PostgresServer(Settings settings)
    : settings_(std::move(settings)), directory_(fs::is_directory("/dev/shm") ? "/dev/shm" : "/tmp") {
  if (const passwd* user = other_user())
    if (::chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("chown of the server's folder failed");
  const fs::path log = directory_.path() / "initdb.log";
  const pid_t maker =
      spawn({programs() / "initdb", "--pgdata", directory_.path() / "data", "--auth=trust", "--username=postgres",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions", "--wal-segsize=16"},
            log);
  int status = 0;
  ::waitpid(maker, &status, 0);
  if (status != 0) throw std::runtime_error("initdb: " + text_of(log));
  start();
}

PostgresServer::~PostgresServer() { stop(); }

pid_t PostgresServer::spawn(const std::vector<std::string>& arguments, const fs::path& output) const {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const passwd* user = other_user();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  const int nothing = ::open("/dev/null", O_RDONLY), out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(nothing, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::setsid();  // an interrupt at the terminal is not the server's
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  if (::chdir(directory_.path().c_str()) != 0) ::_exit(126);
  ::execv(words[0], words.data());
  ::_exit(127);
}

void PostgresServer::start() {
  const fs::path log = directory_.path() / "server.log";
  std::vector<std::string> arguments = {programs() / "postgres", "-D", directory_.path() / "data", "-k",
                                        directory_.path(),       "-c", "listen_addresses="};
  std::vector<std::string> options = settings_.options;
  options.push_back(std::string("fsync=") + (settings_.fsync ? "on" : "off"));
  options.push_back("max_wal_size=1GB");
  for (const std::string& option : options) {
    arguments.push_back("-c");
    arguments.push_back(option);
  }
  pid_ = spawn(arguments, log);
  const bool ready = eventually(
      [&] {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
          pid_ = -1;
          throw std::runtime_error("postgres: " + text_of(log));
        }
        return PQping(conninfo().c_str()) == PQPING_OK;
      },
      std::chrono::seconds(60));
  if (!ready) throw std::runtime_error("postgres did not start within a minute: " + text_of(log));
}

void PostgresServer::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGQUIT);  // at once; what a client began is lost, as in a crash
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
}

void PostgresServer::restart() {
  stop();
  start();
}

std::string PostgresServer::conninfo(const std::string& database, const std::string& user) const {
  return "host=" + directory_.path().string() + " dbname=" + database + " user=" + user;
}

TextRows PostgresServer::query(const std::string& sql, const std::string& database) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo(database).c_str()), &PQfinish);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  TextRows rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      const int at = static_cast<int>(row);
      rows[row].push_back(PQgetisnull(result.get(), at, column) != 0 ? "NULL" : PQgetvalue(result.get(), at, column));
    }
  return rows;
}

std::string PostgresServer::make_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  query("CREATE DATABASE " + name + " TEMPLATE template0");
  return name;
}

void PostgresServer::cut_connections() const {
  query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
      "AND backend_type = 'client backend'");
}

}  // namespace ferry::test
