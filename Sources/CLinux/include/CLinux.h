// Kernel calls, structures and macros that `import Glibc` does not show to Swift. No logic.
// Keep this header free of _GNU_SOURCE: it is defined for CLinux.c alone (see Package.swift).
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <getopt.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

#endif
