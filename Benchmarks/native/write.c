/* A busy writer: write PATH. A line with seconds is answered with the microseconds that a line of the log took. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  int file = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return 66;
  char line[100], text[100];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\n';
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    /* Always the same start: no run pays for the length of another's. */
    if (ftruncate(file, 0) != 0) return 74;
    double started = now(), end = started + atof(line), time = started;
    long count = 0;
    while (time < end) {
      for (int index = 0; index < 100; index++)
        if (write(file, text, sizeof text) < 0) return 74;
      count += 100;
      time = now();
    }
    printf("%.4f\n", (time - started) / count * 1e6);
    fflush(stdout);
  }
}
