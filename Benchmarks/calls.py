"""The system calls of one turn, by strace: counted, and written as a script that native/replay.c makes again.

The floor of a rotation row is thus derived from the daemon as it is, never from what somebody once believed it does.
"""

import collections
import re
import signal
import subprocess
import time

LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
FILE = re.compile(r"^(?:(\d+)|AT_FDCWD)(?:<(.*?)>(?:\(deleted\))?)?$")
# Of the loop and of memory, not of the disk. They are counted, but not made again.
ELSEWHERE = {
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "read", "timerfd_settime", "sendmsg", "sendto", "brk", "mmap", "munmap", "madvise",
    "mremap", "futex", "rt_sigprocmask", "rt_sigaction", "signalfd4", "restart_syscall", "clock_gettime", "socket", "connect", "getsockopt", "setsockopt",
    "getuid", "geteuid", "getgid", "getegid", "getpid", "gettid", "timerfd_gettime",
    # Without a new log, the daemon waits for the writer's: the floor in C does not.
    "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "epoll_ctl",
}
FLAGS = {
    "O_RDONLY": 0, "O_WRONLY": 1, "O_RDWR": 2, "O_CREAT": 0o100, "O_EXCL": 0o200, "O_NOCTTY": 0o400, "O_TRUNC": 0o1000, "O_APPEND": 0o2000,
    "O_NONBLOCK": 0o4000, "O_DIRECTORY": 0o200000, "O_NOFOLLOW": 0o400000, "O_CLOEXEC": 0o2000000, "O_PATH": 0o10000000, "O_LARGEFILE": 0,
}
RENAME = {"RENAME_NOREPLACE": 1, "RENAME_EXCHANGE": 2, "0": 0}
AT = {"AT_SYMLINK_NOFOLLOW": 0x100, "AT_EMPTY_PATH": 0x1000, "AT_STATX_SYNC_AS_STAT": 0, "0": 0}


def record(daemon, file, turn):
    """Calls `turn` under strace and returns what the daemon's lines were."""
    daemon.is_slowed = True
    command = ["strace", "-f", "-y", "-s", "64", "-o", str(file), "-p", str(daemon.pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    tracer.stderr.readline()
    turn()
    time.sleep(0.2)
    tracer.send_signal(signal.SIGINT)
    tracer.communicate()
    with open(file) as lines:
        return lines.read().split("\n")


def count(lines):
    """How often each call was made."""
    return collections.Counter(match[1] for line in lines if (match := LINE.match(line)))


class Script:
    """Turns recorded lines into what native/replay.c reads."""

    def __init__(self, lines, redirect):
        """`redirect`: (path, other path) pairs, for what the replay must not write into."""
        self.redirect = redirect
        self.slots = {}
        self.head = []
        self.body = []
        for line in lines:
            if match := LINE.match(line):
                self.call(match[1], split(match[2]), int(match[3]))

    def text(self):
        return "\n".join(self.head + self.body) + "\n"

    def path(self, path):
        for old, new in self.redirect:
            if path == old or path.startswith(old + "/"):
                return new + path[len(old):]
        return path

    def slot(self, argument):
        """The slot of a descriptor; one that was open before the turn is opened by the head of the script."""
        match = FILE.match(argument)
        if not match[1]:
            return -1
        if match[1] not in self.slots:
            self.open_before(match[1], self.path(match[2]))
        return self.slots[match[1]]

    def open_before(self, descriptor, path):
        self.slots[descriptor] = int(descriptor)
        is_directory = 0 if path.endswith(("/stderr", "/state/state")) else 1
        self.head.append(f"! {descriptor} {is_directory} 0 0 {path} -")

    def add(self, operation, *values):
        numbers = [value for value in values if isinstance(value, int)]
        names = [self.path(value) or "-" for value in values if isinstance(value, str)]
        numbers += [0] * (4 - len(numbers))
        names += ["-"] * (2 - len(names))
        self.body.append(" ".join(map(str, [operation, *numbers, *names])))

    def opened(self, result):
        """The slot that a call has filled; what failed fills one that nothing reads."""
        if result < 0:
            return 4095
        self.slots[str(result)] = result
        return result

    def call(self, name, arguments, result):
        if name in ELSEWHERE:
            return
        maker = getattr(self, "on_" + name, None)
        if maker is None:
            raise RuntimeError(f"calls.py and native/replay.c do not know the call {name}, which rotated makes now")
        maker(arguments, result)

    def on_openat(self, a, result):
        directory = self.slot(a[0])
        self.add("o", self.opened(result), directory, flags(a[2], FLAGS), int(a[3], 8) if len(a) > 3 else 0, quoted(a[1]))

    def on_openat2(self, a, result):
        found = re.search(r"flags=([A-Z_|]+)", a[2])[1]
        directory = self.slot(a[0])
        self.add("2", self.opened(result), directory, flags(found, FLAGS), quoted(a[1]))

    def on_close(self, a, result):
        if "<socket:" in a[0] or "<UNIX" in a[0]:
            return
        self.add("c", self.slot(a[0]))
        self.slots.pop(FILE.match(a[0])[1], None)

    def on_getdents64(self, a, result): self.add("d", self.slot(a[0]), int(a[2]))
    def on_statx(self, a, result): self.add("s", self.slot(a[0]), flags(a[2], AT), quoted(a[1]))
    def on_fstat(self, a, result): self.add("f", self.slot(a[0]))
    def on_fstatfs(self, a, result): self.add("T", self.slot(a[0]))

    def on_newfstatat(self, a, result):
        name = quoted(a[1])
        self.add("s", self.slot(a[0]), flags(a[3], AT), name) if name else self.add("f", self.slot(a[0]))

    def on_fchmod(self, a, result): self.add("m", self.slot(a[0]), int(a[1], 8))
    def on_fchown(self, a, result): self.add("w", self.slot(a[0]), int(a[1]), int(a[2]))
    def on_flistxattr(self, a, result): self.add("l", self.slot(a[0]), int(a[2]))
    def on_fgetxattr(self, a, result): self.add("g", self.slot(a[0]), int(a[3]), quoted(a[1]))
    def on_fremovexattr(self, a, result): self.add("x", self.slot(a[0]), quoted(a[1]))
    def on_renameat2(self, a, result): self.add("R", self.slot(a[0]), self.slot(a[2]), RENAME[a[4]], quoted(a[1]), quoted(a[3]))
    def on_renameat(self, a, result): self.add("r", self.slot(a[0]), self.slot(a[2]), quoted(a[1]), quoted(a[3]))
    def on_linkat(self, a, result): self.add("k", self.slot(a[0]), self.slot(a[2]), quoted(a[1]), quoted(a[3]))
    def on_unlinkat(self, a, result): self.add("u", self.slot(a[0]), quoted(a[1]))
    def on_poll(self, a, result): self.add("p", self.slot(re.search(r"fd=(\d+<.*?>)", a[0])[1]))
    def on_write(self, a, result): self.add("W", self.slot(a[0]), result)
    def on_fsync(self, a, result): self.add("F", self.slot(a[0]))
    def on_ftruncate(self, a, result): self.add("t", self.slot(a[0]), int(a[1]))
    def on_fcntl(self, a, result): self.add("L" if a[1] == "F_SETLEASE" else "q", self.slot(a[0]))
    def on_lseek(self, a, result): self.add("S", self.slot(a[0]), int(a[1]), {"SEEK_SET": 0, "SEEK_CUR": 1, "SEEK_END": 2}[a[2]])


def split(text):
    """The arguments of a call, by the commas that are not inside of anything."""
    found, depth, start, inside = [], 0, 0, False
    for index, character in enumerate(text):
        if character == '"' and text[index - 1] != "\\":
            inside = not inside
        elif inside:
            continue
        elif character in "([{<":
            depth += 1
        elif character in ")]}>":
            depth -= 1
        elif character == "," and depth == 0:
            found.append(text[start:index].strip())
            start = index + 1
    return [*found, text[start:].strip()]


def quoted(text):
    return text.strip().removesuffix("...")[1:-1]


def flags(text, table):
    return sum(table[name] for name in text.split("|"))
