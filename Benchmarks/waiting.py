"""Rows: what it costs to wait for very many writers that hold on to their archives."""

import gzip
import os
import resource
import shutil
import signal
import time

from measure import Row
from programs import RELEASE, Daemon, cpu_seconds, memory, switches

FILES = 256


def waiting(bench):
    """This process holds every log open; all are rotated at once, and are to be compressed when it lets go."""
    count, patience = bench.scale((5_000, 5), (500, 2))
    section = f"Writers that keep their logs open: {count:,} archives are waited for, by a daemon that may have {FILES} files open"
    note = (
        f"One turn rotates all logs, whose writer (this benchmark) keeps them open; `reopen-timeout` is {patience} s, after which the "
        "processes that have the logs open are looked for in /proc and named. Then every log gets one more line and is closed, and all are compressed by "
        "gzip; each archive was found to have both lines."
    )
    folder = bench.folder / "waiting"
    logs = folder / "logs"
    logs.mkdir(parents=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 200, max(count + 200, hard)))
    writers = [os.open(logs / f"{number}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640) for number in range(count)]
    config = f'[job.app]\nlogs = "{logs}/*.log"\nsize = 1\ncheck = "1h"\ncompress = "gzip"\nreopen-timeout = "{patience}s"\n'
    command = ["prlimit", f"--nofile={FILES}:{FILES}", RELEASE / "rotated"]
    with Daemon(folder, config, command) as daemon:
        daemon.settle()
        for writer in writers:
            os.write(writer, b"first\n")
        os.kill(daemon.pid, signal.SIGUSR1)
        start = time.monotonic()
        most = 0
        # The second search for the writers comes three times as late as the first.
        spans = ((f"the first {patience} s", patience), (f"the next {1.2 * patience:.0f} s, search for the writers", 2.2 * patience),
                 ("then, between two looks", 2.8 * patience))
        for what, end in spans:
            before, began = (cpu_seconds(daemon.pid), switches(daemon.pid)[0]), time.monotonic()
            while time.monotonic() < start + end:
                most = max(most, len(os.listdir(f"/proc/{daemon.pid}/fd")))
                time.sleep(0.05)
            span = time.monotonic() - began
            yield row(section, f"processor, {what}", "ms/s", (cpu_seconds(daemon.pid) - before[0]) / span * 1e3, note)
            if what == spans[-1][0]:
                yield row(section, "wake-ups between two looks", "1/s", (switches(daemon.pid)[0] - before[1]) / span, note)
        if ended(logs, ".log.1") != count or ended(logs, ".gz"):
            raise RuntimeError("not every log was rotated, or one was compressed under its writer")
        yield row(section, "most files open", "files", most, note)
        yield row(section, "resident memory", "MB", memory(daemon.pid)[0], note)
        for writer in writers:
            os.write(writer, b"last\n")
            os.close(writer)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(soft, hard)))
        start = time.monotonic()
        while ended(logs, ".log.1.gz") != count or ended(logs, ".log.1"):
            if time.monotonic() > start + 300:
                raise RuntimeError("the archives are not compressed")
            time.sleep(0.1)
        yield row(section, "from the close of all until all are compressed", "s", time.monotonic() - start, note)
    wrong = [number for number in range(count) if gzip.open(logs / f"{number}.log.1.gz").read() != b"first\nlast\n"]
    if wrong:
        raise RuntimeError(f"{len(wrong)} archives are not what was written")
    shutil.rmtree(folder)


def row(section, what, unit, value, note):
    made = Row(section, what, unit, note=note)
    made.add("rotated", value)
    return made


def ended(folder, suffix):
    return sum(name.endswith(suffix) for name in os.listdir(folder))
