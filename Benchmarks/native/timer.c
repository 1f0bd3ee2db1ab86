/* How late a timerfd loop is that does nothing else: timer PERIOD_NS PATH. A line with a number of firings is answered
 * with their lateness up to the end of one statx(2), in microseconds, as JSON. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  int64_t period = atoll(argv[1]);
  int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
  char line[100];
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    int64_t due = now();
    for (int count = atoi(line), index = 0; index < count; index++) {
      due += period;
      struct itimerspec when = {.it_value = {due / 1000000000, due % 1000000000}};
      timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
      epoll_wait(epoll, &event, 1, -1);
      uint64_t expirations;
      struct statx status;
      if (read(timer, &expirations, sizeof expirations) < 0) return 70;
      statx(AT_FDCWD, argv[2], AT_SYMLINK_NOFOLLOW, STATX_SIZE, &status);
      printf("%s%.1f", index ? ", " : "[", (now() - due) / 1e3);
    }
    puts("]");
    fflush(stdout);
  }
}
