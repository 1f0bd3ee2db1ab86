#!/usr/bin/env python3
"""logrotate_matrix.py: the kill matrix of rotated's tests, on logrotate.

In each mode a log with two archives is due, two archives are kept, and a command is to be told. logrotate is run once
undisturbed, then once for each of its mutating system calls (strace's injection: SIGKILL instead of the call) and a
second time without it, as the next run of cron would. A point is right when names and contents, decompressed, are then
those of the undisturbed run, and the command was told. Prints a line a mode, and the sums."""
import collections
import datetime
import gzip
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

CALLS = [
    "write", "pwrite64", "writev", "ftruncate", "truncate", "fallocate", "openat", "mkdir", "fchown", "fchmod", "chown", "chmod",
    "fsetxattr", "utimensat", "fsync", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
]
YESTERDAY = datetime.date.today() - datetime.timedelta(days=1)
BEFORE = YESTERDAY - datetime.timedelta(days=1)
NAMES = {"numbered": "", "dated": "dateext"}
PACKING = {"plain": "", "compressed": "compress", "compressed from 2": "compress\n  delaycompress"}
TAKING = {"move, create": "create", "move, no create": "nocreate", "truncate": "copytruncate"}


class Run:
    """A directory with a due log, and logrotate on it."""

    def __init__(self, names, packing, taking):
        self.path = tempfile.mkdtemp(prefix="rotated-peer.")
        self.logs, self.state, self.told = f"{self.path}/logs", f"{self.path}/state", f"{self.path}/told"
        os.mkdir(self.logs)
        self.put("app.log", b"live\n" * 2000)
        first, second = (".1", ".2") if names == "numbered" else (f"-{YESTERDAY:%Y%m%d}", f"-{BEFORE:%Y%m%d}")
        self.put("app.log" + first, b"one\n" * 2000, packing == "compressed")
        self.put("app.log" + second, b"two\n" * 2000, packing != "plain")
        with open(f"{self.path}/conf", "w") as conf:
            conf.write(
                f"{self.logs}/app.log {{\n  daily\n  rotate 2\n  {NAMES[names]}\n  {PACKING[packing]}\n  {TAKING[taking]}\n"
                f"  postrotate\n    touch {self.told}\n  endscript\n}}\n")
        with open(self.state, "w") as state:
            state.write(
                "logrotate state -- version 2\n"
                f'"{self.logs}/app.log" {YESTERDAY.year}-{YESTERDAY.month}-{YESTERDAY.day}-1:0:0\n')

    def put(self, name, content, is_compressed=False):
        path = f"{self.logs}/{name}"
        if is_compressed:
            with gzip.open(path + ".gz", "wb") as file:
                file.write(content)
        else:
            with open(path, "wb") as file:
                file.write(content)

    def rotate(self, tracing=()):
        command = [*tracing, "logrotate", "-s", self.state, f"{self.path}/conf"]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def end(self):
        """Names without a compressor's suffix, with what is in them; and whether the command was told."""
        end = {"told": os.path.exists(self.told)}
        for name in os.listdir(self.logs):
            try:
                opened = gzip.open if name.endswith(".gz") else open
                content = opened(f"{self.logs}/{name}", "rb").read()
            except (OSError, EOFError):
                content = b"not to be read"
            end[name] = content
        return end

    def close(self):
        shutil.rmtree(self.path)


def undisturbed(mode):
    """The end of a run that nothing disturbs, and its mutating calls: the name of each, and which of that name it is."""
    run = Run(*mode)
    try:
        trace = f"{run.path}/trace"
        run.rotate(["strace", "-qq", "-o", trace, "-e", "trace=" + ",".join(CALLS)])
        counts, points = collections.Counter(), []
        for line in open(trace, errors="replace"):
            call, _, arguments = line.partition("(")
            if call not in CALLS:
                continue
            counts[call] += 1
            # A file that is only read, and a word to the terminal, change nothing.
            is_harmless = call == "openat" and not re.search("O_WRONLY|O_RDWR|O_CREAT", arguments)
            if not is_harmless and not (call == "write" and arguments[:2] in ("1,", "2,")):
                points.append((call, counts[call]))
        return run.end(), points
    finally:
        run.close()


def is_right(mode, call, when, wanted):
    """Whether a run that is killed at this call, and another one, come to the undisturbed end."""
    run = Run(*mode)
    try:
        tracing = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
        code = run.rotate([*tracing, "-e", f"inject={call}:signal=KILL:when={when}"])
        if code not in (-9, 128 + 9):
            raise SystemExit(f"not killed at {call} {when} of {mode}: exit code {code}")
        run.rotate()
        return run.end() == wanted
    finally:
        run.close()


def main():
    all_tried = all_right = 0
    for mode in itertools.product(NAMES, PACKING, TAKING):
        wanted, points = undisturbed(mode)
        tried, right = len(points), sum(is_right(mode, call, when, wanted) for call, when in points)
        all_tried += tried
        all_right += right
        print(f"logrotate, {', '.join(mode)}: {right} of {tried} points right", flush=True)
    print(f"logrotate, all modes: {all_right} of {all_tried} points right")
    return 0 if all_tried else 1


sys.exit(main())
