"""Rows: rotating many logs, looking at many, and what one costs in calls and instructions."""

import re
import subprocess

import calls
from fixture import Logs
from measure import Row, interleave
from programs import Daemon, Servant, logrotate, with_cpu

KEEP = 5
SECTION = "Rotation: every log due, 5 versions each, plain"
HOW = (
    "rotated and asyncio are running and triggered; until the last record is written (rotated) or the last rename is "
    "done (asyncio). logrotate is a process each time, as cron runs it. The floors are told their work beforehand. "
    "Processor time, in user space and kernel, is what a machine that does other things as well blurs least."
)


def toml(logs, limit, keep=KEEP, creates=True):
    create = "" if creates else "create = false\n"
    return f'[job.all]\nlogs = "{logs.pattern}"\nsize = {limit}\ncheck = "6h"\nkeep = {keep}\n{create}'


def logrotate_config(logs, limit, creates=True):
    create = "create" if creates else "nocreate"
    return f"{logs.pattern} {{\n  size {limit}\n  rotate {KEEP}\n  nocompress\n  {create}\n}}\n"


def rotation(bench):
    for count, directories, series, creates in bench.scale(
        [(100, 1, "1", True), (1_000, 1, "1", True), (10_000, 1, "1", True), (10_000, 100, "", True), (10_000, 1, "", False)],
        [(20, 1, "1", True), (200, 1, "1", True), (2_000, 1, "1", True), (2_000, 1, "", False)],
    ):
        where = "1 directory" if directories == 1 else f"{directories} directories"
        where += "" if creates else ", `create = false`"
        wall = Row(SECTION, f"rotate {count:,} logs in {where}", "ms", note=HOW)
        cpu = Row(SECTION, "the same, processor", "ms", note=HOW)
        if series:
            wall.growth, wall.scale = "rotate logs in 1 directory", count
            cpu.growth, cpu.scale = "the same, processor", count
        logs = Logs(bench.folder / "logs", count, directories, KEEP)
        turns(bench, wall, cpu, logs, creates)
        logs.remove()
        yield wall
        yield cpu


def turns(bench, wall, cpu, logs, creates):
    folder = bench.folder / "rotation"
    script = folder / "replay.script"
    work = [logs.list_file(), str(KEEP), "create" if creates else "leave"]
    with Daemon(folder, toml(logs, 1, creates=creates)) as daemon:
        daemon.settle()
        logs.fill()
        # The first turn writes the state anew; the second is the one that all later ones are like.
        daemon.turn()
        logs.fill()
        lines = calls.record(daemon, folder / "trace", daemon.turn)
    with (
        Daemon(folder, toml(logs, 1, creates=creates)) as daemon,
        Servant(["python3", bench.peer("asyncio_rotate.py"), *work]) as asyncio,
        Servant([bench.native("bare"), *work]) as bare,
        Servant([bench.native("exchange"), *work]) as exchange,
    ):
        daemon.settle()
        (folder / "replayed/state").mkdir(parents=True, exist_ok=True)
        redirect = [(str(daemon.state), str(folder / "replayed/state")), (str(daemon.errors), str(folder / "replayed/stderr"))]
        script.write_text(calls.Script(lines, redirect).text())
        with Servant([bench.native("replay"), script]) as replay:
            contenders = {
                "rotated": with_cpu(daemon.turn, daemon.pid),
                "logrotate": with_cpu(logrotate(folder, logrotate_config(logs, 1, creates), force=True)),
                "asyncio": with_cpu(asyncio.turn, asyncio.pid),
                "same calls in C": with_cpu(replay.turn, replay.pid),
                "bare renames in C": with_cpu(bare.turn, bare.pid),
                "exchanges in C": with_cpu(exchange.turn, exchange.pid),
            }

            def measured(name):
                seconds, busy = contenders[name]()
                wall.add(name, seconds * 1e3)
                cpu.add(name, busy * 1e3)
                logs.check(name)

            # A round that is not counted warms everything up alike.
            for name, turn in contenders.items():
                logs.fill()
                turn()
                logs.check(name)
            each = {name: lambda name=name: measured(name) for name in contenders}
            runs = 3 if len(logs.paths) >= 10_000 else bench.runs if len(logs.paths) >= 1_000 else 2 * bench.runs
            interleave(each, runs, before=logs.fill)


def looks(bench):
    """Nothing is due. A pattern is listed; jobs with a log each are looked at one by one."""
    section = "Nothing due: one look at every size"
    note = "All logs are empty, in 100 directories. rotated from SIGUSR1 until it sleeps again; logrotate from fork to exit."
    for count in bench.scale([1_000, 10_000, 100_000], [1_000, 10_000]):
        logs = Logs(bench.folder / "logs", count, 100)
        listing = logs.list_file()
        each = "".join(f'[job.j{index}]\nlogs = "{path}"\nsize = "1M"\ncheck = "6h"\n' for index, path in enumerate(logs.paths))
        kinds = ["one job with a pattern", "a job each"]
        rows = {
            (kind, clock): Row(
                section, f"{count:,} logs, {kind}{clock}", "ms", growth=f"look at logs, {kind}{clock}", scale=count, note=note)
            for kind in kinds for clock in ("", ", processor")
        }
        folder = bench.folder / "looks"
        with (
            Daemon(folder / "pattern", toml(logs, "1048576")) as pattern,
            Daemon(folder / "each", each) as jobs,
            Servant([bench.native("look"), listing]) as floor,
        ):
            pattern.settle()
            jobs.settle()
            contenders = [
                ("rotated", kinds[:1], with_cpu(pattern.look, pattern.pid)), ("rotated", kinds[1:], with_cpu(jobs.look, jobs.pid)),
                ("statx in C", kinds, with_cpu(floor.turn, floor.pid)),
                ("logrotate", kinds, with_cpu(logrotate(folder, logrotate_config(logs, "1M")))),
            ]

            def measured(name, into, look):
                for seconds, clock in zip(look(), ("", ", processor")):
                    for kind in into:
                        rows[kind, clock].add(name, seconds * 1e3)

            interleave({index: lambda of=of: measured(*of) for index, of in enumerate(contenders)}, 2 if count >= 100_000 else bench.runs)
        logs.remove()
        yield from rows.values()


def one_log(bench):
    """System calls and instructions of one rotation of one log."""
    section = "One log, 5 versions"
    note = "rotated: the turn alone. logrotate: the process, since each of its turns is one."
    folder = bench.folder / "one"
    logs = Logs(bench.folder / "logs", 1, 1, KEEP)
    row = Row(section, "system calls of a rotation", "calls", note=note)
    with Daemon(folder, toml(logs, 1)) as daemon:
        daemon.settle()
        for turn in range(3):
            logs.fill()
            if turn == 0:
                daemon.turn()
                continue
            lines = calls.record(daemon, folder / "trace", daemon.turn)
            row.add("rotated", sum(calls.count(lines).values()))
    run = logrotate(folder, logrotate_config(logs, 1), force=True)
    for _ in range(2):
        logs.fill()
        subprocess.run(["strace", "-f", "-o", folder / "trace", *run.command], check=True, capture_output=True)
        row.add("logrotate", sum(calls.count((folder / "trace").read_text().split("\n")).values()))
    yield row

    row = Row(section, "instructions of a rotation, in user space", "thousands", note=note)
    few, many = (instructions(bench, logs, turns) for turns in (1, 11))
    row.add("rotated", (many - few) / 10 / 1e3)
    logs.fill()
    row.add("logrotate", callgrind(folder, run.command) / 1e3)
    yield row
    logs.remove()


def instructions(bench, logs, turns):
    """The instructions of a daemon from start to end, with so many turns between."""
    folder = bench.folder / "callgrind"
    output = folder / "callgrind.out"
    command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={output}", bench.native("rotated-stripped")]
    with Daemon(folder, toml(logs, 1), command) as daemon:
        for _ in range(turns):
            daemon.settle()
            logs.fill()
            daemon.turn()
    return total(output)


def callgrind(folder, command):
    output = folder / "callgrind.out"
    valgrind = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={output}"]
    subprocess.run([*valgrind, *command], check=True, capture_output=True)
    return total(output)


def total(output):
    return int(re.search(r"^(?:summary|totals): (\d+)", output.read_text(errors="replace"), re.M)[1])
