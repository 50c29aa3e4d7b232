// Where secrets come from: the environment, or a file that nobody else can read.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace ferry::host {

struct SecretReference {
  std::string kind;   // env, file
  std::string where;  // name of the variable, absolute path of the file
  int line = 0;
};

// May a secret be read from a file with this owner and mode? "" or what is wrong and what to do. It must belong to root
// or the user, be writable by nobody else, and not be readable by everybody; its group may read it. Only below
// /run/secrets everybody may read: container engines mount secrets there with mode 0444, and nobody else is inside.
std::string secret_file_problem(const std::filesystem::path& path, uid_t owner, mode_t mode);

// The content without the newline at its end. Failures name the path, never the content: (usage, missing_secret),
// (machine, permission). `about` goes before the message.
std::string read_secret_file(const std::filesystem::path& path, const std::string& about);
// The variable's value; Failure(usage, missing_secret) if it is not set.
std::string read_secret_variable(const std::string& name, const std::string& about);
// What the reference refers to.
std::string read_secret(const SecretReference&, const std::string& about);

}  // namespace ferry::host
