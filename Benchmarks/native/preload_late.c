/* Preloaded into rotated: how late its work begins. Remembers the moment that timerfd_settime(2) was last told before
 * a wait, and at the first statx(2) after that wait writes how long ago that moment was, in microseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>

static int64_t told, due;

int timerfd_settime(int timer, int flags, const struct itimerspec *new, struct itimerspec *old) {
  static int (*real)(int, int, const struct itimerspec *, struct itimerspec *);
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "timerfd_settime");
  int64_t moment = new->it_value.tv_sec * 1000000000LL + new->it_value.tv_nsec;
  if (moment > 0 && (flags & TFD_TIMER_CANCEL_ON_SET) == 0) told = moment;
  return real(timer, flags, new, old);
}

int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout) {
  static int (*real)(int, struct epoll_event *, int, int);
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "epoll_wait");
  int result = real(epoll, events, count, timeout);
  if (timeout != 0) due = told;
  return result;
}

int statx(int directory, const char *restrict path, int flags, unsigned mask, struct statx *restrict status) {
  static int (*real)(int, const char *, int, unsigned, struct statx *);
  static FILE *record;
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "statx");
  int result = real(directory, path, flags, mask, status);
  if (due > 0) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    const char *name = getenv("ROTATED_BENCH_LATE");
    if (!record && name) record = fopen(name, "we");
    if (record) fprintf(record, "%.1f\n", (time.tv_sec * 1000000000LL + time.tv_nsec - due) / 1e3), fflush(record);
    due = 0;
  }
  return result;
}
