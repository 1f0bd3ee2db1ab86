/* Makes the system calls of a recorded turn again, in their order, and checks nothing: what rotated would cost if it
 * did not think. calls.py writes the script, one call a line: an operation, then numbers and names. Descriptors are
 * slots. The script is read before the first turn; then one turn a line of standard input. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { SLOTS = 4096 };
struct call {
  char operation;
  int a, b, c, d;
  char *one, *two;
};

static int slots[SLOTS];
static char buffer[1 << 20];

static int slot(int number) { return number < 0 ? AT_FDCWD : slots[number]; }

static void perform(const struct call *call) {
  struct statx extended;
  struct statfs volume;
  struct stat status;
  struct open_how how;
  struct pollfd request;
  switch (call->operation) {
    case 'o': slots[call->a] = openat(slot(call->b), call->one, call->c, call->d); break;
    case '2':
      how = (struct open_how){.flags = call->c, .resolve = RESOLVE_NO_SYMLINKS};
      slots[call->a] = (int)syscall(SYS_openat2, slot(call->b), call->one, &how, sizeof how);
      break;
    case 'c': close(slots[call->a]); break;
    case 'd': syscall(SYS_getdents64, slots[call->a], buffer, call->b); break;
    case 's': statx(slot(call->a), call->one, call->b, STATX_BASIC_STATS | STATX_BTIME, &extended); break;
    case 'f': fstat(slots[call->a], &status); break;
    case 'T': fstatfs(slots[call->a], &volume); break;
    case 'm': fchmod(slots[call->a], call->b); break;
    case 'w': fchown(slots[call->a], call->b, call->c); break;
    case 'l': flistxattr(slots[call->a], call->b ? buffer : NULL, call->b); break;
    case 'g': fgetxattr(slots[call->a], call->one, call->b ? buffer : NULL, call->b); break;
    case 'x': fremovexattr(slots[call->a], call->one); break;
    case 'R': renameat2(slot(call->a), call->one, slot(call->b), call->two, call->c); break;
    case 'r': renameat(slot(call->a), call->one, slot(call->b), call->two); break;
    case 'k': linkat(slot(call->a), call->one, slot(call->b), call->two, 0); break;
    case 'u': unlinkat(slot(call->a), call->one, 0); break;
    case 'p': request = (struct pollfd){.fd = slots[call->a], .events = POLLOUT}; poll(&request, 1, 0); break;
    case 'W': if (write(slots[call->a], buffer, call->b) < 0) perror("replay: write"); break;
    case 'F': fsync(slots[call->a]); break;
    case 't': if (ftruncate(slots[call->a], call->b) != 0) perror("replay: ftruncate"); break;
    case 'q': fcntl(slots[call->a], F_GETFL); break;
    case 'L': fcntl(slots[call->a], F_SETLEASE, F_RDLCK); break;
    case 'S': lseek(slots[call->a], call->b, call->c); break;
    default: fprintf(stderr, "replay: what is '%c'?\n", call->operation); exit(70);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  FILE *script = fopen(argv[1], "r");
  if (!script) return 66;
  size_t count = 0, room = 0;
  struct call *calls = NULL;
  char line[16384], one[8192], two[8192];
  while (fgets(line, sizeof line, script)) {
    struct call call = {0};
    one[0] = two[0] = 0;
    sscanf(line, "%c %d %d %d %d %8191s %8191s", &call.operation, &call.a, &call.b, &call.c, &call.d, one, two);
    call.one = strcmp(one, "-") ? strdup(one) : "";
    call.two = strdup(two);
    if (call.operation == '!') {
      /* Open before the turn begins: a directory, or a file that is appended to. */
      slots[call.a] = call.b ? open(call.one, O_RDONLY | O_DIRECTORY) : open(call.one, O_WRONLY | O_APPEND | O_CREAT, 0600);
      if (slots[call.a] < 0) perror(call.one);
      continue;
    }
    if (count == room) calls = realloc(calls, (room = room ? 2 * room : 1024) * sizeof *calls);
    calls[count++] = call;
  }
  memset(buffer, '0', sizeof buffer);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    for (size_t index = 0; index < count; index++) perform(&calls[index]);
    puts("done");
    fflush(stdout);
  }
}
