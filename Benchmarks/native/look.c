/* The least that a look at every log can cost: one statx(2) each. One sweep a line. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  FILE *list = fopen(argv[1], "r");
  if (!list) return 66;
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
    struct statx status;
    for (size_t index = 0; index < count; index++)
      statx(AT_FDCWD, paths[index], AT_SYMLINK_NOFOLLOW, STATX_SIZE, &status);
    puts("done");
    fflush(stdout);
  }
}
