/*
 * Records what a process does to the files below WAYBILL_RECORD_ROOT, in the order done, into
 * WAYBILL_RECORD_LOG: LD_PRELOAD for the host, see replay.ts for the format. Each call and its
 * entry are made under one lock, the entry after the call: what was synced but not yet recorded
 * when the process is killed counts as not synced, and nobody was told of it either.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, LINK };
#define MOST_FDS 65536

struct entry { uint32_t kind; uint32_t flags; uint64_t inode; uint64_t offset; uint32_t path; uint32_t data; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static const char *root;
static size_t root_length;
/* The inode of each file below the root that is open; 0 for every other descriptor. */
static uint64_t inodes[MOST_FDS];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("WAYBILL_RECORD_LOG");
  root = getenv("WAYBILL_RECORD_ROOT");
  if (path == NULL || root == NULL) return;
  root_length = strlen(root);
  log_fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_ours(const char *path) {
  if (log_fd < 0 || path == NULL || strncmp(path, root, root_length) != 0) return 0;
  if (path[root_length] != '\0' && path[root_length] != '/') return 0;
  /* Shared memory is nothing that a disk keeps. */
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static uint64_t inode_of(int fd) { return fd >= 0 && fd < MOST_FDS ? inodes[fd] : 0; }

static void record(struct entry entry, const char *path, const struct iovec *parts, int count) {
  int saved = errno;
  struct iovec all[64];
  int used = 0;
  entry.path = path == NULL ? 0 : (uint32_t)strlen(path);
  entry.data = 0;
  all[used++] = (struct iovec){&entry, sizeof entry};
  if (entry.path > 0) all[used++] = (struct iovec){(void *)path, entry.path};
  for (int index = 0; index < count && used < 64; index++) {
    entry.data += (uint32_t)parts[index].iov_len;
    all[used++] = parts[index];
  }
  if (REAL(writev)(log_fd, all, used) < 0) abort();
  errno = saved;
}

static void record_open(int fd, const char *path, int flags) {
  struct stat found;
  if (fd < 0 || fd >= MOST_FDS || fstat(fd, &found) != 0) return;
  inodes[fd] = found.st_ino;
  struct entry entry = {.kind = OPEN, .inode = found.st_ino};
  entry.flags = (S_ISDIR(found.st_mode) ? 2u : 0u) | ((flags & O_TRUNC) ? 1u : 0u);
  record(entry, path, NULL, 0);
}

static int open_any(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (!is_ours(path)) return real(path, flags, mode);
  pthread_mutex_lock(&lock);
  int fd = real(path, flags, mode);
  record_open(fd, path, flags);
  pthread_mutex_unlock(&lock);
  return fd;
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE_OF(flags) return open_any(REAL(open), path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return open_any(REAL(open64), path, flags, mode); }

int close(int fd) {
  /* Before the call: the number may be another file's the moment after it. */
  if (inode_of(fd) != 0) inodes[fd] = 0;
  return REAL(close)(fd);
}

/* A write where the position says, or at the descriptor's own (-1). */
static void record_write(int fd, const struct iovec *parts, int count, off_t offset, ssize_t done) {
  if (done <= 0) return;
  struct iovec written[64];
  int used = 0;
  size_t left = (size_t)done;
  for (int index = 0; index < count && left > 0 && used < 60; index++, used++) {
    written[used] = parts[index];
    if (written[used].iov_len > left) written[used].iov_len = left;
    left -= written[used].iov_len;
  }
  if (left > 0) abort();
  off_t at = offset >= 0 ? offset : lseek(fd, 0, SEEK_CUR) - done;
  record((struct entry){.kind = WRITE, .inode = inode_of(fd), .offset = (uint64_t)at}, NULL, written, used);
}

#define WRITING(call, parts, count, offset) \
  pthread_mutex_lock(&lock); \
  ssize_t done = call; \
  record_write(fd, parts, count, offset, done); \
  pthread_mutex_unlock(&lock); \
  return done;

ssize_t write(int fd, const void *data, size_t size) {
  if (inode_of(fd) == 0) return REAL(write)(fd, data, size);
  struct iovec part = {(void *)data, size};
  WRITING(REAL(write)(fd, data, size), &part, 1, -1)
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
  if (inode_of(fd) == 0) return REAL(pwrite)(fd, data, size, offset);
  struct iovec part = {(void *)data, size};
  WRITING(REAL(pwrite)(fd, data, size, offset), &part, 1, offset)
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  if (inode_of(fd) == 0) return REAL(pwrite64)(fd, data, size, offset);
  struct iovec part = {(void *)data, size};
  WRITING(REAL(pwrite64)(fd, data, size, offset), &part, 1, offset)
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (inode_of(fd) == 0) return REAL(writev)(fd, parts, count);
  WRITING(REAL(writev)(fd, parts, count), parts, count, -1)
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  if (inode_of(fd) == 0) return REAL(pwritev)(fd, parts, count, offset);
  WRITING(REAL(pwritev)(fd, parts, count, offset), parts, count, offset)
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  if (inode_of(fd) == 0) return REAL(pwritev64)(fd, parts, count, offset);
  WRITING(REAL(pwritev64)(fd, parts, count, offset), parts, count, offset)
}

#define RECORDING(fd, call, entry_kind, entry_offset) \
  if (inode_of(fd) == 0) return call; \
  pthread_mutex_lock(&lock); \
  int result = call; \
  if (result == 0) \
    record((struct entry){.kind = entry_kind, .inode = inode_of(fd), .offset = (uint64_t)(entry_offset)}, NULL, NULL, 0); \
  pthread_mutex_unlock(&lock); \
  return result;

int ftruncate(int fd, off_t size) { RECORDING(fd, REAL(ftruncate)(fd, size), TRUNCATE, size) }
int ftruncate64(int fd, off64_t size) { RECORDING(fd, REAL(ftruncate64)(fd, size), TRUNCATE, size) }
int fsync(int fd) { RECORDING(fd, REAL(fsync)(fd), SYNC, 0) }
int fdatasync(int fd) { RECORDING(fd, REAL(fdatasync)(fd), SYNC, 0) }

int rename(const char *from, const char *to) {
  if (!is_ours(from) && !is_ours(to)) return REAL(rename)(from, to);
  pthread_mutex_lock(&lock);
  int result = REAL(rename)(from, to);
  struct iovec target = {(void *)to, strlen(to)};
  if (result == 0) record((struct entry){.kind = RENAME}, from, &target, 1);
  pthread_mutex_unlock(&lock);
  return result;
}

int link(const char *from, const char *to) {
  if (!is_ours(to)) return REAL(link)(from, to);
  pthread_mutex_lock(&lock);
  int result = REAL(link)(from, to);
  struct iovec target = {(void *)to, strlen(to)};
  if (result == 0) record((struct entry){.kind = LINK}, from, &target, 1);
  pthread_mutex_unlock(&lock);
  return result;
}

int unlink(const char *path) {
  if (!is_ours(path)) return REAL(unlink)(path);
  pthread_mutex_lock(&lock);
  int result = REAL(unlink)(path);
  if (result == 0) record((struct entry){.kind = UNLINK}, path, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  if (!is_ours(path)) return REAL(mkdir)(path, mode);
  pthread_mutex_lock(&lock);
  int result = REAL(mkdir)(path, mode);
  if (result == 0) record((struct entry){.kind = MKDIR}, path, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}
