/*
 * Records what a process does to the files below WAYBILL_RECORD_ROOT, in the order done, into
 * WAYBILL_RECORD_LOG: LD_PRELOAD for the host, see write-log.ts for the format. Each call and its
 * entry are made under one lock, the entry after the call. WAYBILL_RECORD_GATE is a file of two
 * words: whether a call is under way, and whether no further one may begin, so that the host can be
 * killed when all that it did is recorded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, LINK };
#define MOST_FDS 65536

struct entry { uint32_t kind; uint32_t flags; uint64_t inode; uint64_t offset; uint32_t path; uint32_t data; };

struct gate { _Atomic uint32_t is_busy; _Atomic uint32_t is_shut; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static struct gate *gate;
static const char *root;
static size_t root_length;
static dev_t device;
/* The inode of each file below the root that was opened; 0 for every other descriptor. */
static uint64_t inodes[MOST_FDS];

#define REAL(name) ({ \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
  real; \
})

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("WAYBILL_RECORD_LOG");
  const char *gate_path = getenv("WAYBILL_RECORD_GATE");
  struct stat found;
  root = getenv("WAYBILL_RECORD_ROOT");
  if (path == NULL || root == NULL || gate_path == NULL || stat(root, &found) != 0) return;
  root_length = strlen(root);
  device = found.st_dev;
  int gate_fd = REAL(open)(gate_path, O_RDWR | O_CLOEXEC);
  gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED, gate_fd, 0);
  if (gate_fd < 0 || gate == MAP_FAILED) abort();
  REAL(close)(gate_fd);
  log_fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Around each call and its entry. */
static void enter(void) {
  pthread_mutex_lock(&lock);
  gate->is_busy = 1;
  if (!gate->is_shut) return;
  gate->is_busy = 0;
  for (;;) pause();
}

static void leave(void) {
  gate->is_busy = 0;
  pthread_mutex_unlock(&lock);
}

static int is_ours(const char *path) {
  if (log_fd < 0 || path == NULL || strncmp(path, root, root_length) != 0) return 0;
  if (path[root_length] != '\0' && path[root_length] != '/') return 0;
  /* Shared memory is nothing that a disk keeps. */
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

/* 0 for what is not ours. What was closed where we could not see it may be another file's number by now. */
static uint64_t inode_of(int fd) {
  if (fd < 0 || fd >= MOST_FDS || inodes[fd] == 0) return 0;
  int saved = errno;
  struct stat found;
  if (fstat(fd, &found) != 0 || found.st_ino != inodes[fd] || found.st_dev != device) inodes[fd] = 0;
  errno = saved;
  return inodes[fd];
}

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
  if (REAL(writev)(log_fd, all, used) != (ssize_t)(sizeof entry + entry.path + entry.data)) abort();
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
  enter();
  int fd = real(path, flags, mode);
  record_open(fd, path, flags);
  leave();
  return fd;
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE_OF(flags) return open_any(REAL(open), path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return open_any(REAL(open64), path, flags, mode); }

/* A path below a folder's descriptor can't be told to be ours: the comparison with the folder would show it. */
int openat(int folder, const char *path, int flags, ...) {
  MODE_OF(flags)
  if (path[0] == '/') return open_any(REAL(open), path, flags, mode);
  return REAL(openat)(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
  MODE_OF(flags)
  if (path[0] == '/') return open_any(REAL(open64), path, flags, mode);
  return REAL(openat64)(folder, path, flags, mode);
}
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* Before it is closed: the number may be another file's the moment after it. */
static void forget(int fd) { if (fd >= 0 && fd < MOST_FDS) inodes[fd] = 0; }

int close(int fd) {
  forget(fd);
  return REAL(close)(fd);
}

/* libuv closes by the bare system call, and copies by it; told that it can't, it copies by read and write. */
long syscall(long number, ...) {
  long given[6];
  va_list rest;
  va_start(rest, number);
  for (int index = 0; index < 6; index++) given[index] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_close) forget((int)given[0]);
  if (number == SYS_copy_file_range && inode_of((int)given[2]) != 0) {
    errno = ENOSYS;
    return -1;
  }
  return REAL(syscall)(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
ssize_t sendfile(int out, int in, off_t *offset, size_t size) {
  if (inode_of(out) == 0) return REAL(sendfile)(out, in, offset, size);
  errno = EINVAL;
  return -1;
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t size) {
  if (inode_of(out) == 0) return REAL(sendfile64)(out, in, offset, size);
  errno = EINVAL;
  return -1;
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
  enter(); \
  ssize_t done = call; \
  record_write(fd, parts, count, offset, done); \
  leave(); \
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
  enter(); \
  int result = call; \
  if (result == 0) \
    record((struct entry){.kind = entry_kind, .inode = inode_of(fd), .offset = (uint64_t)(entry_offset)}, NULL, NULL, 0); \
  leave(); \
  return result;

int ftruncate(int fd, off_t size) { RECORDING(fd, REAL(ftruncate)(fd, size), TRUNCATE, size) }
int ftruncate64(int fd, off64_t size) { RECORDING(fd, REAL(ftruncate64)(fd, size), TRUNCATE, size) }
int fsync(int fd) { RECORDING(fd, REAL(fsync)(fd), SYNC, 0) }
int fdatasync(int fd) { RECORDING(fd, REAL(fdatasync)(fd), SYNC, 0) }

int rename(const char *from, const char *to) {
  if (!is_ours(from) && !is_ours(to)) return REAL(rename)(from, to);
  enter();
  int result = REAL(rename)(from, to);
  struct iovec target = {(void *)to, strlen(to)};
  if (result == 0) record((struct entry){.kind = RENAME}, from, &target, 1);
  leave();
  return result;
}

int link(const char *from, const char *to) {
  if (!is_ours(to)) return REAL(link)(from, to);
  enter();
  int result = REAL(link)(from, to);
  struct iovec target = {(void *)to, strlen(to)};
  if (result == 0) record((struct entry){.kind = LINK}, from, &target, 1);
  leave();
  return result;
}

#define REMOVING(path, call) \
  if (!is_ours(path)) return call; \
  enter(); \
  int result = call; \
  if (result == 0) record((struct entry){.kind = UNLINK}, path, NULL, 0); \
  leave(); \
  return result;

int unlink(const char *path) { REMOVING(path, REAL(unlink)(path)) }
int rmdir(const char *path) { REMOVING(path, REAL(rmdir)(path)) }
int remove(const char *path) { REMOVING(path, REAL(remove)(path)) }
int unlinkat(int folder, const char *path, int flags) { REMOVING(path, REAL(unlinkat)(folder, path, flags)) }

int mkdir(const char *path, mode_t mode) {
  if (!is_ours(path)) return REAL(mkdir)(path, mode);
  enter();
  int result = REAL(mkdir)(path, mode);
  if (result == 0) record((struct entry){.kind = MKDIR}, path, NULL, 0);
  leave();
  return result;
}
