// Kernel calls, structures and macros that `import Glibc` does not show to Swift. No logic.
// Keep this header free of _GNU_SOURCE: it is defined for CLinux.c alone (see Package.swift).
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <getopt.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/xattr.h>

// The arguments of the process, as it was started with them. CommandLine looks for them below the environment in memory, and
// finds none where a preloaded library has set variables (libfaketime).
int linux_argument_count(void);
char **linux_arguments(void);

// Every function returns what its system call does: a negative number for an error, with errno set.

// openat2(2) with RESOLVE_NO_SYMLINKS; flags are those of open(2).
int linux_openat2_no_symlinks(int directory, const char *path, int flags);

// The part of statx(2) that a rotation looks at.
struct linux_status {
  uint32_t mode; // type and permissions
  uint32_t user;
  uint32_t group;
  uint32_t links;
  uint64_t inode;
  int64_t size;
  int64_t blocks; // of 512 bytes
  int64_t modified_seconds;
  int64_t born_seconds;
  uint32_t modified_nanoseconds;
  uint32_t born_nanoseconds;
  int has_born;
};

// statx(2), symbolic links not followed.
int linux_status_at(int directory, const char *name, struct linux_status *result);

// statx(2) of an open file.
int linux_status_of(int file, struct linux_status *result);

// The stx_attributes of statx(2) at a path, a symbolic link at its end not followed: chattr(1)'s flags, and whether a file
// system is mounted there. Those that the file system does not tell of are 0.
int linux_attributes_at(const char *path, uint64_t *attributes);
extern const uint64_t linux_attribute_immutable;
extern const uint64_t linux_attribute_append;
extern const uint64_t linux_attribute_mount_root;

// renameat2(2) within one directory, with RENAME_NOREPLACE and RENAME_EXCHANGE.
int linux_rename_noreplace(int directory, const char *old_name, const char *new_name);
int linux_rename_exchange(int directory, const char *one, const char *other);

// The same from one directory to another.
int linux_move_noreplace(int source, const char *old_name, int target, const char *new_name);

// Which mount an open file is on (statx(2), STATX_MNT_ID).
struct linux_mount {
  uint64_t device;
  uint64_t number;
};
int linux_mount_of(int file, struct linux_mount *result);

// open(2)'s O_PATH, which Glibc hides.
extern const int linux_O_PATH;
// O_TMPFILE of open(2), F_SETLEASE and F_GETLEASE of fcntl(2), likewise.
extern const int linux_O_TMPFILE;
extern const int linux_F_SETLEASE;
extern const int linux_F_GETLEASE;

// posix_spawnp(3) in a process group of its own, in the root directory, with no signal blocked or ignored, and with no
// descriptor but the three given as its standard streams; the input is opened anew for reading. Returns 0 or an error number, not -1.
int linux_spawn(char *const arguments[], char *const environment[], int input, int output, int error, pid_t *child);

// The lowest priority on CPU (SCHED_IDLE) and disk (ioprio_set(2)) for a process group.
void linux_run_in_background(pid_t group);

// Raises the soft limit of open files to the hard one (setrlimit(2), RLIMIT_NOFILE); gives what it was and what it is.
int linux_raise_file_limit(uint64_t *before, uint64_t *now);

// Sets the soft limit of open files of another process (prlimit(2)).
int linux_limit_files(pid_t process, uint64_t files);

// pipe2(2) with O_CLOEXEC: reading and writing end.
int linux_pipe(int ends[2]);

// pidfd_open(2) and pidfd_send_signal(2).
int linux_pidfd_open(pid_t process);
int linux_pidfd_send_signal(int descriptor, int signal);

// waitid(2) of a child by its pidfd, without waiting: 1 when it has ended and is reaped, with CLD_EXITED or another code
// and its status; 0 when it runs.
int linux_reap(int descriptor, int *code, int *status);

// fallocate(2): FALLOC_FL_PUNCH_HOLE of a range, which keeps the size, and FALLOC_FL_COLLAPSE_RANGE of the first `length` bytes.
int linux_punch(int file, int64_t offset, int64_t length);
int linux_collapse(int file, int64_t length);

// copy_file_range(2) from and to given offsets: bytes copied.
ssize_t linux_copy_range(int source, int64_t from, int target, int64_t to, size_t length);

// The block size of a file's file system (statfs(2), f_bsize).
int64_t linux_block_size(int file);

// lseek(2) with SEEK_DATA and SEEK_HOLE.
int64_t linux_seek_data(int file, int64_t from);
int64_t linux_seek_hole(int file, int64_t from);

// sync_file_range(2): writes a range out and waits for that.
int linux_write_out(int file, int64_t offset, int64_t length);

// getdents64(2): the next entries of an open directory.
ssize_t linux_entries(int directory, void *buffer, size_t length);

// The f_type of fstatfs(2): what kind of file system an open file is on.
int64_t linux_file_system_type_of(int file);

// The f_type of statfs(2): what kind of file system a path is on.
int64_t linux_file_system_type(const char *path);

// accept4(2) with SOCK_CLOEXEC and SOCK_NONBLOCK.
int linux_accept(int socket);

// The user who has connected a socket (SO_PEERCRED); -1 where that is not known.
int64_t linux_peer_user(int socket);

// unshare(2) with CLONE_NEWNS: mounts of the calling thread become its own. For the tests of file systems.
int linux_unshare_mounts(void);

#endif
