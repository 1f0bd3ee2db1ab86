"""Rows: what it costs to be there (memory, start, wake-ups), and how near to the moment and the limit it acts."""

import contextlib
import json
import signal
import statistics
import time

from fixture import Logs
from measure import Row, interleave
from programs import Daemon, Servant, cpu_seconds, memory, switches


def jobs(count, folder, keys):
    """A config with so many jobs of one log each."""
    return "".join(f'[job.j{index}]\nlogs = "{folder}/j{index}.log"\n{keys}\n' for index in range(count))


def asyncio_jobs(bench, mode, *arguments):
    return Servant(["python3", bench.peer("asyncio_jobs.py"), mode, *map(str, arguments)])


def start(bench):
    """Jobs that sleep: what they hold, and how long until they do. Each start is one of its own."""
    section = "Start and memory: jobs of an interval, none due, one log each"
    note = (
        "rotated: from fork to READY=1, with its config read (a table a job) and its state; then at rest. asyncio: from "
        "the start of Python until as many coroutines sleep; it reads no config, its jobs are made by a loop."
    )
    for count in bench.scale([10, 10_000, 100_000], [10, 1_000, 10_000]):
        names = ["start", "resident memory", "private memory"]
        rows = [
            Row(section, f"{name}, {count:,} jobs", unit, growth=f"{name} with jobs", scale=count, note=note)
            for name, unit in zip(names, ["ms", "MB", "MB"])
        ]
        folder = bench.folder / f"start{count}"
        (folder / "logs").mkdir(parents=True)
        config = jobs(count, folder / "logs", 'every = "6h"')

        def ours():
            with Daemon(folder, config) as daemon:
                daemon.settle()
                put("rotated", daemon.start_seconds, daemon.pid)

        def theirs():
            with asyncio_jobs(bench, "sleep", count) as servant:
                put("asyncio", servant.start_seconds, servant.pid)

        def put(name, seconds, pid):
            for row, value in zip(rows, (seconds * 1e3, *memory(pid))):
                row.add(name, value)

        ours()
        for row in rows:
            # The very first start writes the state of all jobs; every later one reads it.
            row.samples.clear()
        interleave({"rotated": ours, "asyncio": theirs}, bench.runs)
        yield from rows


def idle(bench):
    """Wake-ups and processor time over some seconds, of both at the same time."""
    section = "Wake-ups and processor time: jobs of one log each"
    auto, poll = 'size = "1G"', 'size = "1G"\ncheck = "1s"'
    short, long = (5, 5) if bench.quick else (10, 60)
    # What, how many logs, the keys of the job, the peer, the bytes a second that each log grows by, and for how long.
    cases = [
        ("nothing due for hours", 100, 'every = "6h"', ("sleep", 100), 0, short),
        ("idle logs, watched", 10_000, auto, ("watch", 1), 0, long),
        ("idle logs, looked at each second", 100, poll, ("watch", 1), 0, short),
        ("logs growing by 1 kB/s, watched", 100, auto, ("watch", 1), 1000, short),
        ("logs growing by 1 kB/s, looked at each second", 100, poll, ("watch", 1), 1000, short),
        ("logs growing by 1 MB/s, watched", 100, auto, ("watch", 1), 1_000_000, short),
        ("logs growing by 1 MB/s, looked at each second", 100, poll, ("watch", 1), 1_000_000, short),
    ]
    for index, (what, count, keys, mode, rate, seconds) in enumerate(cases[:4] if bench.quick else cases):
        what = f"{count:,} {what}" if mode[0] == "watch" else what
        folder = bench.folder / f"idle{index}"
        (folder / "logs").mkdir(parents=True)
        paths = [f"{folder}/logs/j{number}.log" for number in range(count)]
        for path in paths:
            open(path, "w").close()
        (folder / "list").write_text("".join(f"1073741824 {path}\n" for path in paths))
        (folder / "plan").write_text("".join(f"- {rate} 0 1073741824 {path}\n" for path in paths))
        note = (
            f"Over {short} s, {long} s for the many idle logs, all at the same time. The writer adds to each growing log every "
            "2 ms; asyncio looks at each log every second."
        )
        wakes = Row(section, f"{what}: wake-ups", "1/s", note=note)
        cpu = Row(section, f"{what}: processor", "ms/s", note=note)
        arguments = [*mode, folder / "list"] if mode[0] == "watch" else mode
        with contextlib.ExitStack() as stack:
            if rate:
                writer = stack.enter_context(Servant([bench.native("grow"), folder / "plan"]))
                writer.process.stdin.write(b"3600\n")
            daemon = stack.enter_context(Daemon(folder, jobs(count, folder / "logs", keys)))
            servant = stack.enter_context(asyncio_jobs(bench, *arguments))
            daemon.settle() if not rate else time.sleep(3)
            for _ in range(bench.runs):
                before = {name: (switches(pid)[0], cpu_seconds(pid)) for name, pid in (("rotated", daemon.pid), ("asyncio", servant.pid))}
                time.sleep(seconds / bench.runs)
                for name, pid in (("rotated", daemon.pid), ("asyncio", servant.pid)):
                    span = seconds / bench.runs
                    wakes.add(name, (switches(pid)[0] - before[name][0]) / span)
                    cpu.add(name, (cpu_seconds(pid) - before[name][1]) / span * 1e3)
            if rate:
                writer.process.kill()
        for row in (wakes, cpu):
            row.add("zero", 0)
            yield row


def scale(bench):
    """Many logs under one pattern: the start, what it holds, a reload, and how soon a new log is seen."""
    count, directories = (10_000, 100) if bench.quick else (100_000, 1_000)
    section = f"Many logs: {count:,} in {directories:,} directories, one job with a pattern and a size"
    note = "Start: from fork to READY=1, when every log is watched and was looked at. New log: from its creation until it is rotated."
    names = {"start": "ms", "resident memory": "MB", "private memory": "MB", "reload that changes another job": "ms", "new log": "ms"}
    rows = {name: Row(section, name, unit, note=note) for name, unit in names.items()}
    folder = bench.folder / "scale"
    logs = Logs(folder / "logs", count, directories)
    config = f'[job.all]\nlogs = "{logs.pattern}"\nsize = "1G"\n[job.other]\nlogs = "{folder}/other.log"\nevery = "6h"\nkeep = '
    for number in range(bench.runs + 1):
        with Daemon(folder, config + "3\n") as daemon:
            daemon.settle()
            taken = [daemon.start_seconds * 1e3, *memory(daemon.pid)]
            (folder / "rotated.toml").write_text(config + "4\n")
            daemon.drain()
            started = time.monotonic()
            daemon.process.send_signal(signal.SIGHUP)
            taken.append((daemon.wait_for("READY=1") - started) * 1e3)
            path = next(logs.folder.iterdir()) / "new.log"
            started = time.monotonic()
            with open(path, "wb") as file:
                file.truncate(2 << 30)
            while not path.with_name("new.log.1").exists():
                time.sleep(0.0002)
            taken.append((time.monotonic() - started) * 1e3)
            path.unlink()
            path.with_name("new.log.1").unlink()
        # The first start finds the directories cold.
        if number > 0:
            for row, value in zip(rows.values(), taken):
                row.add("rotated", value)
    logs.remove()
    yield from rows.values()


RATES = {"1 MB/s": 1_000_000, "10 MB/s": 10_000_000, "100 MB/s": 100_000_000}


def limits(bench):
    """How far a log is over its limit when it is rotated."""
    section = "Bytes over the limit, limit: what half a second writes"
    seconds = 12 if bench.quick else 65
    polls = [("1s", 1, 4)] if bench.quick else [("1s", 1, 4), ("60s", 60, 24)]
    folder = bench.folder / "limits"
    (folder / "logs").mkdir(parents=True)
    config, plan, watched, rows = "", "", {span: "" for _, span, _ in polls}, {}
    for rate_name, rate in RATES.items():
        for check, span, count in polls:
            limit = rate // 2
            key = f"{rate_name}@{check}"
            series = f"bytes over the limit with the writer's rate, looked at each {check}"
            rows[key] = Row(section, f"{rate_name}, looked at each {check}", "MB", growth=series, scale=rate)
            for contender in ("rotated", "asyncio"):
                for number in range(count):
                    name = f"{contender}-{key}-{number}".replace("/", "").replace(" ", "")
                    path = f"{folder}/logs/{name}.log"
                    open(path, "w").close()
                    # Growth begins at a moment of its own, up to a span after each rotation, so that all phases occur.
                    plan += f"{contender}|{key.replace(' ', '_')} {rate} {span} {limit} {path}\n"
                    if contender == "rotated":
                        config += f'[job.{name.replace("@", "-")}]\nlogs = "{path}"\nsize = {limit}\ncheck = "{check}"\nkeep = 1\n'
                    else:
                        watched[span] += f"{limit} {path}\n"
    (folder / "plan").write_text(plan)
    note = (
        f"Over {seconds} s, all at the same time: the median (least–greatest) of all rotations. A writer grows the files without "
        "filling them (ftruncate), and begins anew at a random moment after each rotation. "
        "A logrotate that cron starts each minute looks as often as the rows with 60 s."
    )
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(Servant([bench.native("grow"), folder / "plan"]))
        stack.enter_context(Daemon(folder, config))
        for span, text in watched.items():
            (folder / f"list{span}").write_text(text)
            stack.enter_context(asyncio_jobs(bench, "watch", span, folder / f"list{span}"))
        samples = json.loads(writer.ask(str(seconds)))
    for name, over in samples:
        contender, key = name.replace("_", " ").split("|")
        rows[key].add(contender, over / 1e6)
    for row in rows.values():
        row.note = note
        yield row


def overshoot(bench):
    """The main figure: how far a log of 10 MB is over when one writer grows it by 100 MB/s."""
    section = "Bytes over the limit: 100 MB/s, limit 10 MB"
    seconds = 12 if bench.quick else 65
    # Each contender has a writer of its own share of the time; one that looks each minute has more logs, for some samples.
    contenders = {"rotated": ("auto", 1, 4), "rotated, polling each 1s": ("1s", 1, 4), "asyncio, each 1s": (1, 1, 4), "asyncio, each 60s": (60, 60, 12)}
    limit, rate = 10_000_000, 100_000_000
    folder = bench.folder / "overshoot"
    (folder / "logs").mkdir(parents=True)
    config, plan, watched = "", "", {}
    for place, (name, (check, span, count)) in enumerate(contenders.items()):
        for number in range(count):
            path = f"{folder}/logs/c{place}-{number}.log"
            open(path, "w").close()
            plan += f"{name.replace(' ', '_')} {rate} {span} {limit} {path}\n"
            if isinstance(check, str):
                config += f'[job.c{place}-{number}]\nlogs = "{path}"\nsize = {limit}\ncheck = "{check}"\nkeep = 1\n'
            else:
                watched.setdefault(check, []).append(f"{limit} {path}\n")
    (folder / "plan").write_text(plan)
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(Servant([bench.native("grow"), folder / "plan"]))
        stack.enter_context(Daemon(folder, config))
        for span, lines in watched.items():
            (folder / f"list{span}").write_text("".join(lines))
            stack.enter_context(asyncio_jobs(bench, "watch", span, folder / f"list{span}"))
        samples = json.loads(writer.ask(str(seconds)))
    note = (
        f"Over {seconds} s, all at the same time; a log rests for a random part of a second after each rotation (of a minute, where it "
        "is looked at each minute), and then grows at once. Four logs each, twelve for the last."
    )
    for what, pick in (("median", 0.5), ("95th percentile", 0.95)):
        for name in contenders:
            ordered = sorted(over / 1e6 for contender, over in samples if contender.replace("_", " ") == name)
            if not ordered:
                continue
            kind, _, how = name.partition(", ")
            row = Row(section, f"{what}, {how or 'watched'}, {len(ordered)} rotations", "MB", note=note)
            row.add(kind, ordered[min(len(ordered) - 1, int(pick * len(ordered)))])
            yield row


def writers(bench):
    """Lines a second of one busy writer, with its log looked at and not: the looker is stopped and goes on in turns."""
    folder = bench.folder / "writers"
    (folder / "logs").mkdir(parents=True)
    log = folder / "logs/j0.log"
    log.touch()
    (folder / "list").write_text(f"1099511627776 {log}\n")
    note = "A C program appends lines of 100 bytes, one write(2) each. Without a watcher: the same one, stopped by SIGSTOP."
    for check, span in bench.scale([("auto", 1), ("1s", 1), ("10ms", 0.01)], [("auto", 1), ("1s", 1)]):
        how = "watched (asyncio looks each 1s)" if check == "auto" else f"looked at each {check}"
        row = Row("Slowdown of the writer", f"time of a line, log {how}", "µs", note=note)
        with (
            Daemon(folder, jobs(1, folder / "logs", f'size = "1T"\ncheck = "{check}"')) as daemon,
            asyncio_jobs(bench, "watch", span, folder / "list") as servant,
            Servant([bench.native("write"), log]) as writer,
        ):
            everyone = (daemon.process, servant.process)
            for process in everyone:
                process.send_signal(signal.SIGSTOP)

            def measured(name, process):
                if process:
                    process.send_signal(signal.SIGCONT)
                row.add(name, float(writer.ask("0.5")))
                if process:
                    process.send_signal(signal.SIGSTOP)

            measured("warm", None)
            row.samples.clear()
            contenders = {"rotated": daemon.process, "asyncio": servant.process, "no watcher": None}
            interleave({name: lambda of=(name, process): measured(*of) for name, process in contenders.items()}, bench.runs)
            for process in everyone:
                process.send_signal(signal.SIGCONT)
        yield row


def timers(bench):
    """How late a job begins: from the moment it is due to its first look at its log."""
    section = "Timer lateness: a job each 10 ms, whose log is missing"
    firings = 200 if bench.quick else 1_000
    folder = bench.folder / "timers"
    (folder / "logs").mkdir(parents=True)
    late = {"rotated": [], "asyncio": [], "timerfd in C": []}

    def ours():
        record = folder / "late"
        record.unlink(missing_ok=True)
        environment = {"LD_PRELOAD": bench.native("preload_late"), "ROTATED_BENCH_LATE": str(record)}
        with Daemon(folder, jobs(1, folder / "logs", 'every = "10ms"'), environment=environment):
            time.sleep(0.01 * firings + 0.2)
        late["rotated"].append([float(line) for line in record.read_text().split()][5:firings])

    def asked(name, servant):
        with servant:
            late[name].append(json.loads(servant.ask(str(firings)))[5:])

    contenders = {
        "rotated": ours, "asyncio": lambda: asked("asyncio", asyncio_jobs(bench, "timer", 0.01, folder / "logs/j0.log")),
        "timerfd in C": lambda: asked("timerfd in C", Servant([bench.native("timer"), "10000000", folder / "logs/j0.log"])),
    }
    interleave(contenders, 2)
    note = (
        f"{firings:,} firings a run. rotated is seen from outside, by a preloaded library: from what timerfd_settime(2) was told "
        "to the first statx(2). The others: from the time they slept for to their stat."
    )
    for what, pick in (("p50", 0.5), ("p99", 0.99), ("max", 1)):
        row = Row(section, f"lateness, {what}", "µs", note=note)
        for name, runs in late.items():
            for samples in runs:
                ordered = sorted(samples)
                row.add(name, statistics.median(ordered) if pick == 0.5 else ordered[min(len(ordered) - 1, int(pick * len(ordered)))])
        yield row
