/* The exchanges of a rotation, and nothing else: an empty log under a staging name, exchanged with the log, then with log.1
   up to the oldest, which is removed. With "leave" the log is moved to the staging name, and no new one is made. One run a line. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void rotate(const char *path, int keep, int creates) {
  char staging[4300], other[4300];
  const char *name = strrchr(path, '/') + 1;
  size_t length = strlen(path);
  snprintf(staging, sizeof staging, "%.*s.%s.rotated", (int)(name - path), path, name);
  memcpy(other, path, length + 1);
  if (creates) close(open(staging, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0640));
  renameat2(AT_FDCWD, path, AT_FDCWD, staging, creates ? RENAME_EXCHANGE : RENAME_NOREPLACE);
  for (int number = 1; number <= keep; number++) {
    memcpy(other + length, (char[]){'.', '0' + number, 0}, 3);
    renameat2(AT_FDCWD, staging, AT_FDCWD, other, RENAME_EXCHANGE);
  }
  unlink(staging);
}

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  FILE *list = fopen(argv[1], "r");
  int keep = atoi(argv[2]);
  if (!list || keep < 1 || keep > 9) return 66;
  size_t count = 0, room = 0;
  char **paths = NULL, line[4200];
  while (fgets(line, sizeof line, list)) {
    line[strcspn(line, "\n")] = 0;
    if (count == room) paths = realloc(paths, (room = room ? 2 * room : 1024) * sizeof *paths);
    paths[count++] = strdup(line);
  }
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    for (size_t index = 0; index < count; index++) rotate(paths[index], keep, strcmp(argv[3], "leave") != 0);
    puts("done");
    fflush(stdout);
  }
}
