// System calls that Swift cannot import or that share their name with a struct.
#ifndef MILLRACE_CSYSTEM_H
#define MILLRACE_CSYSTEM_H
#include <stdint.h>
// Takes an exclusive advisory lock (flock) without waiting. 0 taken, 1 held elsewhere, -1 error (errno).
int millrace_lock_exclusively(int fd);
// Waits for the exclusive lock. 0 taken, -1 error (errno).
int millrace_lock_waiting(int fd);
int millrace_unlock(int fd);
// open(2) of an existing file for reading without following a final symbolic link. -1 with errno on failure.
int millrace_open_no_follow(const char *path);
// open(2) of a lock file: read/write, created 0600, close-on-exec.
int millrace_open_lock_file(const char *path);
// Identity and shape of an open file. Returns 0, or -1 with errno.
struct millrace_file_status {
  uint64_t device, inode, size, links;
  uint32_t mode, owner;
  int is_regular;
  int is_link;
};
int millrace_examine_file(int fd, struct millrace_file_status *out);
// The same for a path, without opening it and without following a final symbolic link.
int millrace_examine_path(const char *path, struct millrace_file_status *out);
// Forbids core dumps and ptrace reads of this process, so that a crash cannot spill keys. 0 or -1.
int millrace_forbid_dumps(void);
// Lets all threads share so many of the allocator's arenas. Before the first thread starts. Elsewhere than with glibc: nothing.
void millrace_limit_arenas(int count);
#endif
