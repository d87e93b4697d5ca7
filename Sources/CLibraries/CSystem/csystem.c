#define _GNU_SOURCE
#include "csystem.h"
#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

int millrace_lock_exclusively(int fd) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
  return errno == EWOULDBLOCK ? 1 : -1;
}
int millrace_lock_waiting(int fd) {
  int result;
  do { result = flock(fd, LOCK_EX); } while (result != 0 && errno == EINTR);
  return result;
}
int millrace_unlock(int fd) { return flock(fd, LOCK_UN); }
int millrace_open_no_follow(const char *path) { return open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK); }
int millrace_open_lock_file(const char *path) { return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600); }
static void fill(const struct stat *s, struct millrace_file_status *out) {
  out->device = (uint64_t)s->st_dev;
  out->inode = (uint64_t)s->st_ino;
  out->size = (uint64_t)s->st_size;
  out->links = (uint64_t)s->st_nlink;
  out->mode = (uint32_t)(s->st_mode & 07777);
  out->owner = (uint32_t)s->st_uid;
  out->is_regular = S_ISREG(s->st_mode) ? 1 : 0;
  out->is_link = S_ISLNK(s->st_mode) ? 1 : 0;
}
int millrace_examine_file(int fd, struct millrace_file_status *out) {
  struct stat s;
  if (fstat(fd, &s) != 0) return -1;
  fill(&s, out);
  return 0;
}
int millrace_examine_path(const char *path, struct millrace_file_status *out) {
  struct stat s;
  if (lstat(path, &s) != 0) return -1;
  fill(&s, out);
  return 0;
}
int millrace_forbid_dumps(void) {
  struct rlimit none = {0, 0};
  int result = setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
  result |= prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  return result;
}
void millrace_limit_arenas(int count) {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, count);
#endif
}
