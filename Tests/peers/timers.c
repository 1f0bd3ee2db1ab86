// libfaketime 0.9.10 moves the absolute time of every timer by the distance of its clock from the real one, that of CLOCK_BOOTTIME
// too, which it does not fake: a timer of half a second would end in months. Loaded before it, this gives timers to the kernel as
// they are.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *former) {
  return syscall(SYS_timerfd_settime, timer, flags, value, former);
}
