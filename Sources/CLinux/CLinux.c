#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const int linux_O_PATH = O_PATH;

int linux_openat2_no_symlinks(int directory, const char *path, int flags) {
  struct open_how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int linux_status_at(int directory, const char *name, struct linux_status *result) {
  struct statx status;
  int error = statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status);
  if (error != 0) return error;
  *result = (struct linux_status){
      .mode = status.stx_mode,
      .user = status.stx_uid,
      .group = status.stx_gid,
      .links = status.stx_nlink,
      .inode = status.stx_ino,
      .size = (int64_t)status.stx_size,
      .modified_seconds = status.stx_mtime.tv_sec,
      .modified_nanoseconds = status.stx_mtime.tv_nsec,
      .born_seconds = status.stx_btime.tv_sec,
      .born_nanoseconds = status.stx_btime.tv_nsec,
      .has_born = (status.stx_mask & STATX_BTIME) != 0,
  };
  return 0;
}

int linux_rename_noreplace(int directory, const char *old_name, const char *new_name) {
  return renameat2(directory, old_name, directory, new_name, RENAME_NOREPLACE);
}

int linux_rename_exchange(int directory, const char *one, const char *other) {
  return renameat2(directory, one, directory, other, RENAME_EXCHANGE);
}

int linux_unshare_mounts(void) { return unshare(CLONE_NEWNS); }
