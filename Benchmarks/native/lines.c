/* Numbered lines at a rate, for as long as it is wanted: lines PATH RATE. A first line on the input starts it, a second
 * one ends it and is answered with how many lines were written. One write(2) with O_APPEND a line, of 40 bytes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  int file = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return 66;
  double rate = atof(argv[2]);
  char answer[100], line[48];
  struct pollfd input = {.fd = 0, .events = POLLIN};
  puts("ready");
  fflush(stdout);
  if (read(0, answer, sizeof answer) <= 0) return 0;
  puts("started");
  fflush(stdout);
  double started = now();
  unsigned long written = 0;
  while (poll(&input, 1, 0) == 0) {
    unsigned long due = (unsigned long)((now() - started) * rate);
    if (written >= due) {
      usleep(200);
      continue;
    }
    /* In portions, so that the end is noticed where the rate cannot be kept. */
    if (due > written + 1000) due = written + 1000;
    for (; written < due; written++) {
      snprintf(line, sizeof line, "%039lu\n", written);
      if (write(file, line, 40) != 40) return 74;
    }
  }
  if (read(0, answer, sizeof answer) <= 0) return 0;
  printf("%lu %.4f\n", written, now() - started);
  fflush(stdout);
}
