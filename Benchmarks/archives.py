"""Rows: what becomes of the content: copied and cut off under a writer, compressed, named by date."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import time

import disk
from fixture import Logs
from measure import Row, interleave
from programs import Daemon, Servant, logrotate, proc, with_cpu

LINE = 40
RATES = {"1k": 1_000, "20k": 20_000, "200k": 200_000}


def truncation(bench):
    """An exact stream of numbered lines, rotated under its writer: what is missing of it, and what is there twice."""
    section = "Lines lost by copy-and-truncate"
    rotations, pause = (10, 0.1) if not bench.quick else (10, 0.04)
    for kind in ("ext4", "xfs", "btrfs", "tmpfs"):
        with disk.Volume(bench.folder / f"on-{kind}", kind) as volume:
            if volume.reason:
                yield skipped(section, f"{kind}: skipped", "lines", volume.reason)
                continue
            doubled = Row(section, f"{kind}: lines that are there twice, all rates", "lines")
            ways = set()
            for name, rate in RATES.items():
                row = Row(section, f"{kind}, {name} lines/s: lost", "lines", growth=f"lines lost on {kind}", scale=rate)
                reached = []

                def run(contender):
                    logs = volume.path / f"{contender}-{name}"
                    shutil.rmtree(logs, ignore_errors=True)
                    logs.mkdir()
                    written, seconds, found = stream(bench, logs, contender, rate, rotations, pause)
                    lost, twice, way = found
                    ways.update(way)
                    reached.append(written / seconds)
                    row.add(contender, lost)
                    doubled.add(contender, twice)
                    shutil.rmtree(logs)

                interleave({each: lambda each=each: run(each) for each in ("rotated", "logrotate")}, 1 if bench.quick else 2)
                row.add("zero", 0)
                row.what += "" if min(reached) > 0.9 * rate else f" (reached: {min(reached):,.0f} lines/s)"
                row.note = doubled.note = note_of_streams(rotations, pause)
                yield row
            doubled.add("zero", 0)
            doubled.what += f"; rotated truncated by {', '.join(sorted(ways))}"
            yield doubled


def note_of_streams(rotations, pause):
    return (
        f"{rotations} rotations a run, {pause} s apart, of a log that one C program appends numbered lines of {LINE} bytes to, "
        "one write(2) with O_APPEND each, at the rate given. Lost: a number that is in no archive and not in the log, or "
        "only in pieces. Volumes are new and in memory. rotated: `method = \"truncate\"`; logrotate: copytruncate."
    )


def stream(bench, logs, contender, rate, rotations, pause):
    """Writes and rotates; gives the lines written, the seconds it took, and what was found."""
    log = logs / "app.log"
    log.touch(0o640)
    folder = bench.folder / "truncation"
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        if contender == "rotated":
            config = f'[job.all]\nlogs = "{log}"\nsize = 1\ncheck = "6h"\nkeep = 1000\nmethod = "truncate"\n'
            daemon = stack.enter_context(Daemon(folder, config))
            daemon.settle()
            turn = daemon.turn
        else:
            turn = logrotate(folder, f"{log} {{\n  rotate 1000\n  nocompress\n  copytruncate\n}}\n", force=True)
        writer = stack.enter_context(Servant([bench.native("lines"), log, str(rate)]))
        writer.ask()
        for _ in range(rotations):
            time.sleep(pause)
            turn()
        time.sleep(pause)
        written, seconds = writer.ask().split()
    words = (folder / "stderr").read_text() if contender == "rotated" else ""
    if contender == "rotated" and words.count(": rotated ") < rotations:
        raise RuntimeError(f"rotated has not truncated {rotations} times: {words[-1000:]}")
    ways = set(re.findall(r", truncated by (collapse|punch|copy), ", words))
    return int(written), float(seconds), (*missing(logs, int(written)), ways)


def missing(logs, written):
    """How many of the numbered lines are nowhere, and how many are there once more."""
    seen = bytearray(written)
    twice = 0
    for path in logs.iterdir():
        for line in path.read_bytes().replace(b"\0", b"").split(b"\n"):
            if len(line) == LINE - 1 and line.isdigit():
                number = int(line)
                twice += seen[number]
                seen[number] = 1
    return seen.count(0), twice


def compression(bench):
    """Logs of 1 MB are rotated, and all their archives compressed."""
    section = "Compression with gzip: logs of 1 MB each, rotated and compressed"
    note = (
        "From the trigger until the last archive is compressed and its source gone. rotated has children at idle priority, so "
        "many at a time as said, and goes on meanwhile; logrotate runs them one by one and waits. The floor runs gzip alone for "
        "each log in turn, and moves nothing. Memory: the greatest resident set of the program itself; gzip's is the same for all."
    )
    for count in bench.scale([10, 100, 1_000], [2, 8, 30]):
        rows, lags = {}, {"1": [], "2": []}
        for children in ("1", "2"):
            what = f"{count:,} archives, {'one child' if children == '1' else 'two children'}"
            rows[children] = Row(
                section, f"{what}: time", "s", growth=f"compression, {children} at a time: time", scale=count, note=note)
            rows[children, "memory"] = Row(
                section, f"{what}: peak memory", "MB", growth=f"compression, {children} at a time: memory", scale=count, note=note)
        logs = Logs(bench.folder / "compress", count)
        content = text()
        folder = bench.folder / "compression"
        run = logrotate(folder, f"{logs.pattern} {{\n  rotate 5\n  compress\n  create\n}}\n", force=True)

        def put(name, seconds, megabytes, to=("1", "2")):
            for children in to:
                rows[children].add(name, seconds)
                rows[children, "memory"].add(name, megabytes)

        def ours(children):
            late = folder / f"late{children}"
            late.unlink(missing_ok=True)
            environment = {"LD_PRELOAD": bench.native("preload_late"), "ROTATED_BENCH_LATE": str(late)}
            config = (
                f'[job.all]\nlogs = "{logs.pattern}"\nsize = 1\ncheck = "6h"\nkeep = 5\ncompress = "gzip"\ncompress-level = 6\n'
                f'[job.tick]\nlogs = "{folder}/none.log"\nevery = "20ms"\n[daemon]\nmax-children = {children}\n'
            )
            with Daemon(folder / f"rotated{children}", config, environment=environment) as daemon:
                # It looks at its start, when all logs are empty.
                time.sleep(1)
                idle = len(late.read_text().split())
                fill()
                filled = len(late.read_text().split())
                started = time.monotonic()
                os.kill(daemon.pid, 10)
                wait_for_archives(logs, 600)
                seconds = time.monotonic() - started
                put("rotated", seconds, peak(daemon.pid), [children])
                lateness = [float(line) for line in late.read_text().split()]
            lags[children].append(([x for x in lateness[5:idle] if x >= 0], [x for x in lateness[filled:] if x >= 0]))

        def theirs():
            fill()
            started = time.monotonic()
            child = subprocess.Popen(run.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # Not by rusage: that begins with the memory of the process that has forked it.
            megabytes = 0
            while child.poll() is None:
                with contextlib.suppress(OSError, TypeError):
                    megabytes = peak(child.pid)
                time.sleep(0.005)
            if child.returncode != 0:
                raise RuntimeError("logrotate has failed")
            put("logrotate", time.monotonic() - started, megabytes)

        def alone():
            fill()
            with Servant([bench.native("compress"), logs.list_file()]) as servant:
                put("compressor alone", servant.turn(), peak(servant.pid))

        def fresh():
            for path in logs.paths:
                for old in pathlib.Path(path).parent.glob(pathlib.Path(path).name + "*"):
                    old.unlink()
                open(path, "wb").close()

        def fill():
            for path in logs.paths:
                with open(path, "wb") as file:
                    file.write(content)
            logs.sync()

        contenders = {"one": lambda: ours("1"), "two": lambda: ours("2"), "logrotate": theirs, "alone": alone}
        interleave(contenders, 1 if count >= 100 or bench.quick else 3, before=fresh)
        logs.remove()
        yield from rows.values()
    yield from lag_rows(section, count, lags)


def lag_rows(section, count, lags):
    """How late a job of the same daemon was while the archives of the last row were compressed, and before."""
    note = (
        "Lateness: of a job each 20 ms in the same daemon, as in the section on timers, while it rotates and compresses; beside it the "
        "same daemon in the second before."
    )
    for children, runs in lags.items():
        for what, pick in (("p50", 0.5), ("p99", 0.99), ("max", 1)):
            row = Row(section, f"{count:,} archives, {children} at a time: lateness of another job, {what}", "µs", note=note)
            for idle, busy in runs:
                for name, values in (("rotated", sorted(busy)), ("when idle", sorted(idle))):
                    if values:
                        row.add(name, values[min(len(values) - 1, int(pick * len(values)))])
            yield row


def text():
    """One MB of lines as a web server writes them: gzip makes about a seventh of it."""
    chance = random.Random(1)
    lines, size = [], 0
    while size < 1_000_000:
        line = (
            f'10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)} - - [22/Nov/2026:10:{chance.randrange(60):02}:'
            f'{chance.randrange(60):02} +0000] "GET /items/{chance.randrange(10_000)} HTTP/1.1" 200 {chance.randrange(100_000)} "-" "curl/8.5"\n'
        ).encode()
        lines.append(line)
        size += len(line)
    return b"".join(lines)


def wait_for_archives(logs, seconds):
    """Until each log has a compressed archive and no plain one."""
    end = time.monotonic() + seconds
    folder = pathlib.Path(logs.paths[0]).parent
    while True:
        names = os.listdir(folder)
        if sum(name.endswith(".1.gz") for name in names) == len(logs.paths) and not any(name.endswith(".1") for name in names):
            return
        if time.monotonic() > end:
            raise RuntimeError("rotated has not compressed all archives")
        time.sleep(0.02)


def peak(pid):
    """The greatest resident set so far, in MB."""
    return int(re.search(r"^VmHWM:\s+(\d+)", proc(pid, "status"), re.M)[1]) / 1024


DATES = ["20200101-000000", "20200102-000000", "20200103-000000", "20200104-000000", "20200105-000000"]


def dated(bench):
    """Rotation where archives keep their names, so that nothing is shifted."""
    section = "Rotation with dated names: every log due, 5 archives each, plain, create"
    folder = bench.folder / "dated"
    probe = Logs(bench.folder / "dated-logs", 1)
    with Daemon(folder, dated_toml(probe)) as daemon:
        daemon.settle()
        probe.fill()
        daemon.turn()
    works = not os.path.exists(probe.paths[0] + ".1")
    probe.remove()
    if not works:
        yield skipped(section, "dated names: skipped", "ms", "rotated reads `archive-names = \"dated\"`, and still makes numbered ones")
        return
    # No more: the time that logrotate takes for them grows with the square of their number.
    for count in bench.scale([20, 200, 2_000], [20, 200]):
        logs = Logs(bench.folder / "dated-logs", count)
        for path in logs.paths:
            for date in DATES:
                os.close(os.open(f"{path}-{date}", os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o640))
        note = "rotated: `archive-names = \"dated\"`; logrotate: dateext. Both name archives by the second, and remove the sixth."
        wall = Row(section, f"rotate {count:,} logs", "ms", growth="rotate logs, dated names", scale=count, note=note)
        cpu = Row(section, "the same, processor", "ms", growth="dated names, processor", scale=count, note=note)
        config = f"{logs.pattern} {{\n  size 1\n  rotate 5\n  nocompress\n  create\n  dateext\n  dateformat -%Y%m%d-%H%M%S\n}}\n"
        with Daemon(folder, dated_toml(logs)) as daemon:
            daemon.settle()
            contenders = {
                "rotated": with_cpu(daemon.turn, daemon.pid), "logrotate": with_cpu(logrotate(folder, config, force=True)),
            }

            def measured(name):
                seconds, busy = contenders[name]()
                wall.add(name, seconds * 1e3)
                cpu.add(name, busy * 1e3)
                for path in (logs.paths[0], logs.paths[-1]):
                    archives = list(pathlib.Path(path).parent.glob(pathlib.Path(path).name + "-*"))
                    if os.stat(path).st_size or len(archives) != 5:
                        raise RuntimeError(f"{name} has left {len(archives)} archives of {path}")

            def before():
                logs.fill()
                # Two rotations of one second would want one name.
                time.sleep(1.1)

            before()
            daemon.turn()
            interleave({name: lambda name=name: measured(name) for name in contenders}, bench.scale(3, 2), before=before)
        logs.remove()
        yield wall
        yield cpu


def dated_toml(logs):
    return (
        f'[job.all]\nlogs = "{logs.pattern}"\nsize = 1\ncheck = "6h"\nkeep = 5\n'
        'archive-names = "dated"\ndate-format = "-%Y%m%d-%H%M%S"\n'
    )


def skipped(section, what, unit, reason):
    """A row that says why there is none."""
    return Row(section, what, unit, note=f"Skipped: {reason}.")
