/* Grows files at a rate without filling them, and sees how large each was when it was rotated: grow PLAN.
 * A line of the plan: NAME RATE SPAN LIMIT PATH. A line with seconds starts it and is answered, when they are over,
 * with [[NAME, bytes over LIMIT], …] as JSON. After a rotation a file waits for a random part of SPAN seconds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct log {
  char name[100], path[4096];
  double rate, span, starts;
  long long limit;
  int file;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void begin(struct log *log, double time) {
  log->file = open(log->path, O_WRONLY | O_CLOEXEC);
  log->starts = time + log->span * (rand() / (RAND_MAX + 1.0));
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  FILE *plan = fopen(argv[1], "r");
  if (!plan) return 66;
  int count = 0, samples = 0;
  static struct log logs[1000];
  while (count < 1000 && fscanf(plan, "%99s %lf %lf %lld %4095s", logs[count].name, &logs[count].rate, &logs[count].span,
                                &logs[count].limit, logs[count].path) == 5)
    count++;
  char line[100];
  puts("ready");
  fflush(stdout);
  if (!fgets(line, sizeof line, stdin)) return 0;
  srand(1);
  double end = now() + atof(line);
  for (int index = 0; index < count; index++) begin(&logs[index], now());
  printf("[");
  while (now() < end) {
    for (int index = 0; index < count; index++) {
      struct log *log = &logs[index];
      struct stat named, held;
      double time = now();
      if (log->file < 0) {
        begin(log, time);
        continue;
      }
      if (fstat(log->file, &held) != 0) return 74;
      if (stat(log->path, &named) != 0) continue;
      if (named.st_ino != held.st_ino) {
        printf("%s[\"%s\", %lld]", samples++ ? ", " : "", log->name, (long long)held.st_size - log->limit);
        close(log->file);
        begin(log, time);
      } else if (time > log->starts && ftruncate(log->file, (off_t)((time - log->starts) * log->rate)) != 0) {
        return 74;
      }
    }
    usleep(2000);
  }
  puts("]");
  fflush(stdout);
}
