#include "CLinux.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

const int linux_O_PATH = O_PATH;
const int linux_O_TMPFILE = O_TMPFILE;
const int linux_F_SETLEASE = F_SETLEASE;
const int linux_F_GETLEASE = F_GETLEASE;

static int argument_count;
static char **argument_vector;

// The C library hands the arguments of main to what runs before it.
__attribute__((constructor)) static void keep_arguments(int count, char **vector) {
  argument_count = count;
  argument_vector = vector;
}

int linux_argument_count(void) { return argument_count; }

char **linux_arguments(void) { return argument_vector; }

static void take(struct linux_status *result, const struct statx *status) {
  *result = (struct linux_status){
      .mode = status->stx_mode,
      .user = status->stx_uid,
      .group = status->stx_gid,
      .links = status->stx_nlink,
      .inode = status->stx_ino,
      .size = (int64_t)status->stx_size,
      .blocks = (int64_t)status->stx_blocks,
      .modified_seconds = status->stx_mtime.tv_sec,
      .modified_nanoseconds = status->stx_mtime.tv_nsec,
      .born_seconds = status->stx_btime.tv_sec,
      .born_nanoseconds = status->stx_btime.tv_nsec,
      .has_born = (status->stx_mask & STATX_BTIME) != 0,
  };
}

int linux_openat2_no_symlinks(int directory, const char *path, int flags) {
  struct open_how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int linux_status_at(int directory, const char *name, struct linux_status *result) {
  struct statx status;
  int error = statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status);
  if (error != 0) return error;
  take(result, &status);
  return 0;
}

int linux_status_of(int file, struct linux_status *result) {
  struct statx status;
  int error = statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status);
  if (error != 0) return error;
  take(result, &status);
  return 0;
}

const uint64_t linux_attribute_immutable = STATX_ATTR_IMMUTABLE;
const uint64_t linux_attribute_append = STATX_ATTR_APPEND;
const uint64_t linux_attribute_mount_root = STATX_ATTR_MOUNT_ROOT;

int linux_attributes_at(const char *path, uint64_t *attributes) {
  struct statx status;
  int error = statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status);
  if (error != 0) return error;
  *attributes = status.stx_attributes & status.stx_attributes_mask;
  return 0;
}

int linux_rename_noreplace(int directory, const char *old_name, const char *new_name) {
  return renameat2(directory, old_name, directory, new_name, RENAME_NOREPLACE);
}

int linux_move_noreplace(int source, const char *old_name, int target, const char *new_name) {
  return renameat2(source, old_name, target, new_name, RENAME_NOREPLACE);
}

int linux_mount_of(int file, struct linux_mount *result) {
  struct statx status;
  int error = statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &status);
  if (error != 0) return error;
  *result = (struct linux_mount){
      .device = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor,
      // Linux before 5.8 does not tell mounts apart; their devices still do, but for bind mounts.
      .number = (status.stx_mask & STATX_MNT_ID) != 0 ? status.stx_mnt_id : 0,
  };
  return 0;
}

int linux_rename_exchange(int directory, const char *one, const char *other) {
  return renameat2(directory, one, directory, other, RENAME_EXCHANGE);
}

int linux_punch(int file, int64_t offset, int64_t length) {
  return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int linux_collapse(int file, int64_t length) { return fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, length); }

ssize_t linux_copy_range(int source, int64_t from, int target, int64_t to, size_t length) {
  return copy_file_range(source, &from, target, &to, length, 0);
}

int64_t linux_block_size(int file) {
  struct statfs status;
  return fstatfs(file, &status) != 0 ? -1 : (int64_t)status.f_bsize;
}

int64_t linux_seek_data(int file, int64_t from) { return lseek(file, from, SEEK_DATA); }

int64_t linux_seek_hole(int file, int64_t from) { return lseek(file, from, SEEK_HOLE); }

int linux_write_out(int file, int64_t offset, int64_t length) {
  return sync_file_range(file, offset, length,
                         SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

ssize_t linux_entries(int directory, void *buffer, size_t length) { return getdents64(directory, buffer, length); }

int64_t linux_file_system_type(const char *path) {
  struct statfs status;
  if (statfs(path, &status) != 0) return -1;
  return (int64_t)(uint32_t)status.f_type;
}

int64_t linux_file_system_type_of(int file) {
  struct statfs status;
  return fstatfs(file, &status) != 0 ? -1 : (int64_t)(uint32_t)status.f_type;
}

int linux_unshare_mounts(void) { return unshare(CLONE_NEWNS); }

int linux_spawn(char *const arguments[], char *const environment[], int input, int output, int error, pid_t *child) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int result = posix_spawnattr_init(&attributes);
  if (result != 0) return result;
  result = posix_spawn_file_actions_init(&actions);
  if (result != 0) {
    posix_spawnattr_destroy(&attributes);
    return result;
  }
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  // Opened anew, so that the child shares neither offset nor lease with the daemon.
  char input_path[sizeof "/proc/self/fd/" + 12];
  snprintf(input_path, sizeof input_path, "/proc/self/fd/%d", input);
  // Each of these fails for want of memory alone; then the spawn itself fails as well.
  if ((result = posix_spawn_file_actions_addopen(&actions, 0, input_path, O_RDONLY, 0)) == 0 &&
      (result = posix_spawn_file_actions_adddup2(&actions, output, 1)) == 0 &&
      (result = posix_spawn_file_actions_adddup2(&actions, error, 2)) == 0 &&
      (result = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0 &&
      (result = posix_spawn_file_actions_addchdir_np(&actions, "/")) == 0)
    result = posix_spawnp(child, arguments[0], &actions, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return result;
}

void linux_run_in_background(pid_t group) {
  struct sched_param parameter = {0};
  sched_setscheduler(group, SCHED_IDLE, &parameter);
  syscall(SYS_ioprio_set, IOPRIO_WHO_PGRP, group, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

int linux_raise_file_limit(uint64_t *before, uint64_t *now) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  *before = *now = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  *now = limit.rlim_cur;
  return 0;
}

int linux_limit_files(pid_t process, uint64_t files) {
  struct rlimit limit;
  if (prlimit(process, RLIMIT_NOFILE, NULL, &limit) != 0) return -1;
  limit.rlim_cur = files;
  return prlimit(process, RLIMIT_NOFILE, &limit, NULL);
}

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int linux_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int linux_pidfd_send_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

int linux_reap(int descriptor, int *code, int *status) {
  siginfo_t info = {0};
  if (waitid(P_PIDFD, (id_t)descriptor, &info, WEXITED | WNOHANG) != 0) return -1;
  if (info.si_pid == 0) return 0;
  *code = info.si_code;
  *status = info.si_status;
  return 1;
}

int linux_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int64_t linux_peer_user(int socket) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? (int64_t)peer.uid : -1;
}
