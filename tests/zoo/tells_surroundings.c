/* Prints what surrounds it: environment, working directory, descriptors, signals, limits, group. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void zoo_tell(void);
#define ZOO_EXPORT zoo_tell()
#include "zoo.h"

extern char** environ;

static void tell_descriptors(void) {
  char target[256];
  struct dirent* entry;
  DIR* directory = opendir("/proc/self/fd");
  while ((entry = readdir(directory)) != NULL) {
    const int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd == dirfd(directory)) continue;
    const ssize_t size = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
    target[size < 0 ? 0 : size] = '\0';
    printf("fd %d %s\n", fd, target);
  }
  closedir(directory);
}

static void tell_signals(void) {
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  for (int number = 1; number < 32; ++number) {
    struct sigaction action;
    if (sigismember(&blocked, number)) printf("blocked %d\n", number);
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL) printf("handled %d\n", number);
  }
}

static void tell_limit(const char* name, int resource) {
  struct rlimit limit;
  getrlimit(resource, &limit);
  printf("limit %s %llu %llu\n", name, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
}

static void zoo_tell(void) {
  char directory[4096];
  for (char** variable = environ; *variable != NULL; ++variable) printf("env %s\n", *variable);
  printf("cwd %s\n", getcwd(directory, sizeof directory));
  tell_descriptors();
  tell_signals();
  tell_limit("core", RLIMIT_CORE);
  tell_limit("nofile", RLIMIT_NOFILE);
  tell_limit("data", RLIMIT_DATA);
  printf("group %s\n", getpgrp() == getpid() ? "own" : "foreign");
}
