#!/usr/bin/env python3
"""Runs the benchmarks, prints one table, and writes it as Markdown and JSON. See README.md."""

import argparse
import datetime
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import time

import archives
import command
import control
import disk
import measure
import pieces
import programs
import rotation
import waiting
import watching

HERE = pathlib.Path(__file__).resolve().parent
# In the order of the table; a section is a function that yields its rows.
SECTIONS = {
    "rotation": rotation.rotation,
    "dated": archives.dated,
    "looks": rotation.looks,
    "one-log": rotation.one_log,
    "truncation": archives.truncation,
    "compression": archives.compression,
    "waiting": waiting.waiting,
    "start": watching.start,
    "idle": watching.idle,
    "limits": watching.limits,
    "overshoot": watching.overshoot,
    "truncated": pieces.truncated,
    "pieces": pieces.pieces,
    "scale": watching.scale,
    "writers": watching.writers,
    "timers": watching.timers,
    "status": control.status,
    "socket": control.idle_socket,
    "crowd": control.crowd,
    "command": command.command,
    "longest": pieces.longest,
}


class Bench:
    """What a section needs to know: how much to do, where, and with what."""

    def __init__(self, quick, output, folder):
        self.quick = quick
        self.runs = 3 if quick else 5
        self.folder = folder
        self.programs = output / "programs"

    def scale(self, full, quick):
        return quick if self.quick else full

    def peer(self, name):
        return str(HERE / "peers" / name)

    def native(self, name):
        return str(self.programs / name)

    def compile(self):
        self.programs.mkdir(parents=True, exist_ok=True)
        for source in sorted((HERE / "native").glob("*.c")):
            shared = ["-shared", "-fPIC", "-ldl"] if source.stem.startswith("preload_") else []
            subprocess.run(["cc", "-O2", "-std=gnu17", "-Wall", "-o", self.native(source.stem), source, *shared], check=True)
        # valgrind gives up over Swift's debug information.
        subprocess.run(["objcopy", "--strip-debug", programs.RELEASE / "rotated", self.native("rotated-stripped")], check=True)


def facts(quick, kind, seconds):
    def first(command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return ((done.stdout + done.stderr).strip().split("\n") or ["?"])[0]

    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {
        "run": f"{'quick' if quick else 'full'}, {datetime.date.today()}, {seconds / 60:.1f} minutes",
        "machine": f"{len(model) or os.cpu_count()} × {(model or [platform.machine()])[0]}, {memory:.0f} GiB, Linux {platform.release()}",
        "file system": kind,
        "load at the end": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "rotated": first([programs.RELEASE / "rotated", "--version"]),
        "logrotate": first(["logrotate", "--version"]),
        "asyncio": "Python " + platform.python_version(),
        "figures": "median (least–greatest) of interleaved runs; rotated ÷ theirs below 1: rotated takes less",
    }


def run(bench, sections, started, save):
    """Measures the sections; `save` gets all rows after each, so that a run that is ended early leaves what it has."""
    rows = []
    for name in sections:
        print(f"{time.monotonic() - started:6.1f} s  {name}", file=sys.stderr, flush=True)
        for row in SECTIONS[name](bench):
            rows.append(row)
            print("         " + " | ".join(measure.cells(row)), file=sys.stderr, flush=True)
        save(rows)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller numbers, fewer runs")
    parser.add_argument("--folder", type=pathlib.Path, default=HERE.parent / ".build/bench", help="where to work and write")
    parser.add_argument("--here", action="store_true", help="on the file system of FOLDER, not on one made in memory")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)} (default: all)")
    arguments = parser.parse_args()
    for name in arguments.sections:
        if name not in SECTIONS:
            parser.error(f"no section '{name}'; there are {', '.join(SECTIONS)}")
    output = arguments.folder.resolve()
    # Not where others may write: rotated and logrotate would both rather not work there.
    os.umask(0o022)
    programs.more_files()
    # So that whatever was started or mounted ends with the benchmark.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    with disk.Disk(output, own=not arguments.here) as place:
        bench = Bench(arguments.quick, output, place.path)
        bench.compile()
        name = "quick" if arguments.quick else "full"

        def save(rows):
            known = facts(arguments.quick, place.kind, time.monotonic() - started)
            (output / f"{name}.md").write_text(measure.markdown(rows, known))
            (output / f"{name}.json").write_text(measure.as_json(rows, known))

        run(bench, arguments.sections or SECTIONS, started, save)
    shutil.rmtree(output / "work", ignore_errors=True)
    print((output / f"{name}.md").read_text())
    print(f"Written to {output}/{name}.md and {name}.json", file=sys.stderr)


if __name__ == "__main__":
    main()
