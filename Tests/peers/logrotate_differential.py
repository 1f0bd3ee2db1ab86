#!/usr/bin/env python3
"""logrotate_differential.py ROTATECTL [CASES [SEED]]: `rotatectl logrotate` beside Debian's logrotate.

Each case is a stanza, a directory of logs and archives, and entries of the state file, all at random from a seed. A batch of cases is one
config and one call of each program, on copies of the same directories, at the same moment (libfaketime). Names, contents, modes, owners,
times of archives, what scripts were given and what was mailed, errors and the state file are compared, case by case, and the exit code of
each call.

A case may differ only where a row of ROWS says so, which names a row of the table "Differences" in Logrotate.md; what a row allows is
left out of the comparison, and nothing else. `--row NAME` shows what cases of one row differ in."""
import datetime
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from logrotate_cases import Case, ROWS  # noqa: E402

LOGROTATE = next((p for p in [os.environ.get("LOGROTATE", ""), "/usr/sbin/logrotate"] if p and os.path.exists(p)), None)
FAKETIME = next((p for p in ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"]
                 if os.path.exists(p)), None)
SIZE = 250  # Cases of a batch.
# Moments of a batch: an ordinary one, the ends of days, months and years, a leap day, a Sunday, and the changes of the clocks in Berlin.
# All have passed: with a clock ahead of the real one, libfaketime 0.9.10 makes timerfd_settime(2) fail for a moment that has passed.
MOMENTS = ["2026-03-18 14:25:10", "2026-01-01 00:00:01", "2026-02-28 23:59:50", "2024-02-29 03:10:00", "2026-03-29 03:20:00",
           "2025-10-26 02:30:00", "2025-11-30 06:25:02", "2025-12-31 23:10:00", "2026-06-30 00:05:00", "2026-08-31 12:00:00"]
ZONE = "Europe/Berlin"
# Writes down what it is to mail, in the directory of the case that the subject is about; it refuses to mail the logs called `d.txt`.
MAILER = """#!/bin/sh
case=$(expr "$2" : "\\(.*/logs/[0-9]*\\)/")
{ echo "$1 [$2] to [$3]"; cat; } > "$case/trace/mail.$$"
case $2 in */d.txt*) exit 1;; esac
"""


class Batch:
    """Cases that are rotated together."""

    def __init__(self, root, rotatectl, seed, numbers, moment, forced):
        self.root, self.rotatectl, self.forced = root, rotatectl, forced
        self.now = datetime.datetime.strptime(moment, "%Y-%m-%d %H:%M:%S")
        self.cases = [Case(random.Random(f"{seed}.{number}"), number, f"{root}/logs/{number}", self.now, forced) for number in numbers]

    def fill(self):
        for path in (f"{self.root}/logs", f"{self.root}/state.rotated"):
            shutil.rmtree(path, ignore_errors=True)
        state = ["logrotate state -- version 2"]
        config = []
        for case in self.cases:
            case.fill()
            state += [f'"{path}" {time}' for path, time in case.state.items()]
            config.append(case.text)
        with open(f"{self.root}/config", "w") as file:
            file.write("".join(config))
        os.chmod(f"{self.root}/config", 0o644)
        with open(f"{self.root}/state", "w") as file:
            file.write("\n".join(state) + "\n")
        os.chmod(f"{self.root}/state", 0o640)

    def run(self, program):
        """What a program has made of the cases: by number, and its exit code."""
        self.fill()
        # A clock that stands still: names with seconds, and entries of the state, are the same in both.
        stamp = self.now.strftime("%Y-%m-%d %H:%M:%S")
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": ZONE, "LD_PRELOAD": f"{self.root}/timers.so:{FAKETIME}",
            "FAKETIME": stamp,
            "NO_FAKE_STAT": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "STATE_DIRECTORY": f"{self.root}/daemon"}
        command = [*program, *(["-f"] if self.forced else []), "-m", f"{self.root}/mailer", "-s", f"{self.root}/state", f"{self.root}/config"]
        run = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", env=environment, timeout=600)
        self.said = run.stderr
        state = self.entries()
        found = {}
        for case in self.cases:
            prefix = case.directory + "/"
            found[case.number] = {
                **case.found(),
                "state": {path: time for path, time in state.items() if path.startswith(prefix)},
                "errors": any(re.search(rf"{re.escape(prefix)}(?!\d)", line) for line in run.stderr.splitlines() if line.startswith("error:"))}
        return found, run.returncode, run.stderr

    def entries(self):
        result = {}
        with open(f"{self.root}/state", errors="surrogateescape") as file:
            for line in file.read().splitlines()[1:]:
                path, _, time = line.rpartition(" ")
                result[path.strip('"')] = time
        return result

    def compare(self):
        """The differences by case, and the rows that each case falls under."""
        theirs, code, said = self.run([LOGROTATE])
        ours, answer, reply = self.run([self.rotatectl, "logrotate"])
        results = []
        for case in self.cases:
            one, other = theirs[case.number], ours[case.number]
            rows = [row for row in ROWS if row.applies(case)]
            free = set().union(*[row.frees for row in rows]) if rows else set()
            lines, used = [], False
            for aspect in one:
                if one[aspect] == other[aspect]:
                    continue
                if aspect in free:
                    used = True
                    continue
                lines.append(f"  {aspect}: " + difference(one[aspect], other[aspect]))
            results.append((case, lines, [row.name for row in rows], used))
        return results, (code, answer), said, reply


def difference(one, other):
    if isinstance(one, dict):
        keys = [key for key in sorted(set(one) | set(other)) if one.get(key) != other.get(key)]
        return "; ".join(f"{key}: logrotate {short(one.get(key))}, rotated {short(other.get(key))}" for key in keys)
    return f"logrotate {short(one)}, rotated {short(other)}"


def short(value):
    text = repr(value)
    return text if len(text) < 90 else text[:90] + "…"


def main():
    arguments = sys.argv[1:]
    wanted = None
    if "--row" in arguments:
        index = arguments.index("--row")
        wanted = arguments[index + 1]
        del arguments[index:index + 2]
    rotatectl = os.path.realpath(arguments[0])
    count = int(arguments[1]) if len(arguments) > 1 else 2000
    seed = arguments[2] if len(arguments) > 2 else "1"
    only = [int(arguments[3])] if len(arguments) > 3 else None
    if os.geteuid() != 0 or not LOGROTATE or not FAKETIME:
        print("Skipped: this needs root, logrotate and libfaketime.")
        return 0
    os.environ["TZ"] = ZONE
    time.tzset()
    root = tempfile.mkdtemp(prefix="rotated-differential.")
    os.chmod(root, 0o755)
    os.mkdir(f"{root}/daemon")
    subprocess.run([shutil.which("cc") or "clang", "-shared", "-fPIC", "-o", f"{root}/timers.so", os.path.join(os.path.dirname(os.path.realpath(__file__)), "timers.c")], check=True)
    with open(f"{root}/mailer", "w") as file:
        file.write(MAILER)
    os.chmod(f"{root}/mailer", 0o755)
    bad, differ, exits, tally, free = 0, 0, 0, {}, 0
    try:
        for index, start in enumerate(range(0, count, SIZE)):
            numbers = range(start, min(start + SIZE, count))
            batch = Batch(root, rotatectl, seed, only or numbers, MOMENTS[index % len(MOMENTS)], index % 3 == 0)
            if only and only[0] not in numbers:
                continue
            results, codes, said, reply = batch.compare()
            if codes[0] != codes[1]:
                exits += 1
                print(f"batch {index}: exit code of logrotate {codes[0]}, of rotated {codes[1]}\n{reply[-2000:]}")
            for case, lines, rows, used in results:
                free += not rows
                for row in rows:
                    tally.setdefault(row, [0, 0])
                    tally[row][0] += 1
                    tally[row][1] += used
                differ += used
                if lines or (wanted in rows and used) or only:
                    bad += bool(lines)
                    if bad <= 25 or only:
                        print(f"case {case.number} of seed {seed}, {batch.now}{' forced' if batch.forced else ''}, rows {rows}:")
                        print(case.text, *lines, sep="\n")
                        for text in (said, reply):
                            print(*[f"  > {line}" for line in text.splitlines() if re.search(rf"{re.escape(case.directory)}(?!\d)", line)][:12], sep="\n")
                if only:
                    print(case.files, case.state)
        for row, (cases, used) in sorted(tally.items()):
            print(f"  {row}: {cases} cases, {used} different")
        print(f"{count} cases of seed {seed}: {bad} differ against the table, {differ} as the table says; "
              f"{free} fall under no row; {exits} exit codes differ")
    finally:
        shutil.rmtree(root)
    return 1 if bad or exits else 0


if __name__ == "__main__":
    sys.exit(main())
