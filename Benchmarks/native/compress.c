/* The compressor alone: compress LIST. For each line of the input it runs `gzip -6` for each path, one after the other,
 * from PATH to PATH.1.gz, and then says "done". */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int compress(const char *path) {
  char output[4300];
  snprintf(output, sizeof output, "%s.1.gz", path);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0640);
  pid_t child;
  int status = -1;
  if (posix_spawnp(&child, "gzip", &actions, NULL, (char *[]){"gzip", "-6", NULL}, environ) == 0) waitpid(child, &status, 0);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  char line[4200];
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    FILE *list = fopen(argv[1], "r");
    if (!list) return 66;
    while (fgets(line, sizeof line, list)) {
      line[strcspn(line, "\n")] = 0;
      if (compress(line) != 0) return 70;
    }
    fclose(list);
    puts("done");
    fflush(stdout);
  }
}
