#!/usr/bin/env python3
"""waiting.py ROTATED [LOGS] [FILES] [SECONDS]: what it costs to wait for very many writers that hold on to their archives.

As many logs as LOGS (10,000), each held open by this process, are rotated at once by a daemon that may have FILES (256) files
open, and are to be compressed. For SECONDS (60) nobody lets go; then everybody writes one more line and does. Prints the
daemon's processor time, wake-ups, open files and memory, and whether each archive has both lines."""
import gzip
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CONFIG = """[job.app]
logs = "{logs}/*.log"
size = 1
check = "1h"
compress = "gzip"
reopen-timeout = "5s"
"""


class Seen:
    """A daemon, as /proc shows it."""

    def __init__(self, pid):
        self.pid = pid

    def processor(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def status(self, name):
        return int(re.search(rf"^{name}:\s*(\d+)", open(f"/proc/{self.pid}/status").read(), re.M)[1])

    def files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it takes too long")
        time.sleep(0.1)


def hold(logs, count):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 200, max(count + 200, hard)))
    writers = []
    for number in range(count):
        writers.append(os.open(f"{logs}/{number}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640))
        os.write(writers[-1], b"first\n")
    return writers


def watch(seen, seconds, start):
    print("  at s   processor %   wake-ups/s   files   MB")
    end, most = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        before, time_before = (seen.processor(), seen.status("voluntary_ctxt_switches")), time.monotonic()
        while time.monotonic() < time_before + 5:
            most = max(most, seen.files())
            time.sleep(0.1)
        span = time.monotonic() - time_before
        share = 100 * (seen.processor() - before[0]) / span
        wakes = (seen.status("voluntary_ctxt_switches") - before[1]) / span
        megabytes = seen.status("VmRSS") / 1024
        print(f"{time.monotonic() - start:6.0f} {share:13.1f} {wakes:12.1f} {seen.files():7} {megabytes:4.0f}", flush=True)
    print(f"most files: {most}")


def main():
    rotated = os.path.abspath(sys.argv[1])
    count, files, seconds = (int(value) for value in (sys.argv[2:] + ["10000", "256", "60"][len(sys.argv) - 2:])[:3])
    work = tempfile.mkdtemp(prefix="rotated-waiting.")
    logs = f"{work}/logs"
    os.mkdir(logs)
    try:
        writers = hold(logs, count)
        with open(f"{work}/rotated.toml", "w") as config:
            config.write(CONFIG.format(logs=logs))
        said = open(f"{work}/said", "wb")
        start = time.monotonic()
        daemon = subprocess.Popen(
            [rotated, "--config", f"{work}/rotated.toml", "--state", f"{work}/state"], stdout=said, stderr=said,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))
        seen = Seen(daemon.pid)
        number_of = lambda end: sum(name.endswith(end) for name in os.listdir(logs))
        until(lambda: number_of(".log.1") == count, 300)
        print(f"{count} logs rotated in {time.monotonic() - start:.1f} s, at most {files} files")
        watch(seen, seconds, start)
        if number_of(".gz"):
            raise SystemExit("an archive was compressed under its writer")
        for writer in writers:
            os.write(writer, b"last\n")
            os.close(writer)
        start, before = time.monotonic(), seen.processor()
        until(lambda: number_of(".log.1.gz") == count and not number_of(".log.1"), 1800)
        print(f"compressed in {time.monotonic() - start:.1f} s, {seen.processor() - before:.1f} s of the daemon's own, "
              f"{seen.status('VmHWM') / 1024:.0f} MB at most")
        daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(60)
        wrong = sum(gzip.open(f"{logs}/{number}.log.1.gz").read() != b"first\nlast\n" for number in range(count))
        told = open(f"{work}/said", "rb").read()
        print(f"exit {code}, {wrong} archives wrong, {told.count(b'is still open for writing in pid')} lines on who holds on, "
              f"{told.count(b'EMFILE')} on EMFILE")
        return 1 if wrong or code or b"EMFILE" in told else 0
    finally:
        shutil.rmtree(work)


sys.exit(main())
