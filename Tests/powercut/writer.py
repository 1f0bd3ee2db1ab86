#!/usr/bin/env python3
"""writer.py LOG LINES_PER_SECOND REOPENS: appends numbered lines to a log as a logging program does, brings them to the
disk now and then, and says on standard output, as eight bytes each time, up to which number they are there.

With REOPENS = 1 it opens its log again when another file has taken the name."""
import os
import struct
import sys
import time

path, rate, reopens = sys.argv[1], float(sys.argv[2]), sys.argv[3] == "1"
name = os.path.basename(path)


def open_log():
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)


log = open_log()
number = 0
while True:
    for _ in range(max(1, int(rate / 50))):
        number += 1
        os.write(log, b"%s %09d %s\n" % (name.encode(), number, b"x" * (number % 61)))
    # The name of a new log is on disk only when its directory is.
    os.fsync(log)
    directory = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    os.write(1, struct.pack("q", number))
    if reopens:
        try:
            is_moved = os.stat(path).st_ino != os.fstat(log).st_ino
        except FileNotFoundError:
            is_moved = True
        if is_moved:
            os.close(log)
            log = open_log()
    time.sleep(0.02)
