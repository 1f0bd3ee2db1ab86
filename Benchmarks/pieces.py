"""Rows: the longest piece of work between two yields, for logs that any user can make, and truncated logs under a steady writer."""

import os
import shutil
import threading
import time

from measure import Row
from programs import Daemon

LINE = b"x" * 999 + b"\n"


def pieces(bench):
    """What the loop has done at most in one go; the goal is 10 ms."""
    section = "The longest piece of work between two yields"
    size = bench.scale(1 << 30, 128 << 20)
    note = (
        f"One log of {size >> 20} MiB, or of a hole of 1 TiB, and one job; the daemon times each piece of its work "
        "(ROTATED_TIME_PIECES). A call of the kernel that waits for the disk is part of the piece. The goal is 10 ms."
    )
    for what, make, end, keys in (
        ("truncate, lines", lines, "app.log.1", 'method = "truncate"'),
        ("truncate by punch, lines", lines, "app.log.1", 'method = "truncate"\ntruncate-by = "punch"'),
        ("truncate, no newline", endless, None, 'method = "truncate"'),
        ("truncate, a hole and a line", sparse, "app.log.1", 'method = "truncate"'),
        ("move, lines", lines, "app.log.1", "keep = 2"),
        ("move and remove, lines", lines, None, "keep = 0"),
    ):
        folder = bench.folder / "pieces"
        (folder / "logs").mkdir(parents=True)
        log = folder / "logs/app.log"
        make(log, size)
        config = f'[job.app]\nlogs = "{log}"\nevery = "200ms"\nif-empty = false\n{keys}\n'
        with Daemon(folder, config) as daemon:
            limit = time.monotonic() + 120
            while end and not (folder / "logs" / end).exists():
                if time.monotonic() > limit:
                    raise RuntimeError(f"{what}: no {end}")
                time.sleep(0.05)
            time.sleep(1)
        row = Row(section, what, "ms", note=note)
        row.add("rotated", daemon.longest_piece)
        yield row
        shutil.rmtree(folder)


def longest(_):
    """The longest of all sections before this one."""
    section = "The longest piece of work between two yields"
    milliseconds, daemon = Daemon.longest
    row = Row(section, "of all daemons in this run", "ms", note=f"That was the daemon of {daemon!r}.")
    row.add("rotated", milliseconds)
    yield row


def lines(path, size):
    with open(path, "wb") as log:
        for _ in range(size // (1000 * len(LINE))):
            log.write(LINE * 1000)


def endless(path, size):
    with open(path, "wb") as log:
        for _ in range(size >> 20):
            log.write(b"x" * (1 << 20))


def sparse(path, _):
    with open(path, "wb") as log:
        log.truncate(1 << 40)
        log.seek(1 << 40)
        log.write(LINE)


def truncated(bench):
    """The largest archive of a log that keeps its file, by the limit; one steady writer."""
    section = "Truncated logs over their limit: 20 MB/s, limit 10 MB"
    limit, rate, seconds = 10_000_000, 20_000_000, 5 if bench.quick else 20
    note = f"Over {seconds} s, the first archive left out; the bound of the article Sizes is r × (1 ms + t + c)."
    for way in ("collapse", "punch"):
        folder = bench.folder / "truncated"
        (folder / "logs").mkdir(parents=True)
        log = folder / "logs/app.log"
        log.touch()
        config = f'[job.app]\nlogs = "{log}"\nsize = {limit}\nkeep = 999\nmethod = "truncate"\ntruncate-by = "{way}"\n'
        with Daemon(folder, config):
            stop = threading.Event()
            writer = threading.Thread(target=write, args=(log, rate, stop))
            writer.start()
            time.sleep(seconds)
            stop.set()
            writer.join()
        sizes = [entry.stat().st_size for entry in os.scandir(folder / "logs") if entry.name != "app.log"]
        row = Row(section, f"by {way}, {len(sizes)} archives: the largest", "MB over", note=note)
        row.add("rotated", (max(sizes, default=limit) - limit) / 1e6)
        yield row
        shutil.rmtree(folder)


def write(path, rate, stop):
    began, written = time.monotonic(), 0
    with open(path, "ab", buffering=0) as log:
        while not stop.is_set():
            while written < rate * (time.monotonic() - began):
                written += log.write(LINE * 20)
            time.sleep(0.001)
