/* The bare renames of a rotation, and nothing else: log.4 to log.5 … log to log.1, then an empty log, unless
   it is left to its writer ("leave"). One run a line. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    for (size_t index = 0; index < count; index++) {
      char old[4200], new[4200];
      size_t length = strlen(paths[index]);
      memcpy(old, paths[index], length + 1);
      memcpy(new, paths[index], length + 1);
      for (int number = keep - 1; number >= 0; number--) {
        if (number) memcpy(old + length, (char[]){'.', '0' + number, 0}, 3);
        else old[length] = 0;
        memcpy(new + length, (char[]){'.', '1' + number, 0}, 3);
        rename(old, new);
      }
      if (strcmp(argv[3], "leave") != 0) close(open(paths[index], O_CREAT | O_WRONLY | O_CLOEXEC, 0640));
    }
    puts("done");
    fflush(stdout);
  }
}
