/*
 * A disk that is slow, full or broken, by preloading: what the program writes below FAULTS_BELOW waits or
 * fails as the file FAULTS_CONTROL says. Its eight bytes, two 32-bit numbers of the host's order:
 *
 *     mode   0 nothing, 1 wait before each write and fsync, 2 writes fail with EIO, 3 writes fail with
 *            ENOSPC, 4 fsync fails with EIO, 5 writes write half and then fail with ENOSPC
 *     wait   milliseconds, for mode 1
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned *control;
static const char *below;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTS_CONTROL");
  below = getenv("FAULTS_BELOW");
  if (path == NULL || below == NULL) return;
  int fd = open(path, O_RDONLY);
  if (fd < 0) return;
  void *at = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (at != MAP_FAILED) control = at;
}

static unsigned mode_for(int fd) {
  if (control == NULL || control[0] == 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, below, strlen(below)) == 0 ? control[0] : 0;
}

static void wait_a_while(void) {
  struct timespec ms = { control[1] / 1000, (control[1] % 1000) * 1000000L };
  nanosleep(&ms, NULL);
}

/* 1: fail now. 2: write half of it. 0: go on. */
static int before_write(int fd) {
  unsigned mode = mode_for(fd);
  if (mode == 1) wait_a_while();
  if (mode == 2) errno = EIO;
  if (mode == 3) errno = ENOSPC;
  if (mode == 5 && rand() % 2 == 0) {
    errno = ENOSPC;
    return 1;
  }
  return mode == 2 || mode == 3 ? 1 : mode == 5 ? 2 : 0;
}

static int before_sync(int fd) {
  unsigned mode = mode_for(fd);
  if (mode == 1) wait_a_while();
  if (mode == 4) errno = EIO;
  return mode == 4;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(write);
  int how = before_write(fd);
  return how == 1 ? -1 : real(fd, bytes, how == 2 ? (length + 1) / 2 : length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  REAL(pwrite64);
  int how = before_write(fd);
  return how == 1 ? -1 : real(fd, bytes, how == 2 ? (length + 1) / 2 : length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return pwrite64(fd, bytes, length, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  int how = before_write(fd);
  return how == 1 ? -1 : real(fd, parts, how == 2 ? (count + 1) / 2 : count);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  REAL(pwritev64);
  int how = before_write(fd);
  return how == 1 ? -1 : real(fd, parts, how == 2 ? (count + 1) / 2 : count, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  return pwritev64(fd, parts, count, at);
}

int fsync(int fd) {
  REAL(fsync);
  return before_sync(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return before_sync(fd) ? -1 : real(fd);
}
