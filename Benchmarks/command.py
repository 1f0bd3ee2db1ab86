"""The command of logrotate: `rotatectl logrotate` beside logrotate, on the same files, in turns. Time and memory are those of the process."""

import os
import shutil
import subprocess
import time

from measure import Row, interleave
from programs import RELEASE

OLD = "2020-1-1-0:0:0"


class Place:
    """A directory with logs, a config and a state file; filled before each call."""

    def __init__(self, folder, count, directives, forced=False, foreign=0, files=0, due=True):
        self.folder, self.count, self.forced, self.due = folder / "command", count, forced, due
        self.foreign, self.files, self.directives = foreign, files, directives
        shutil.rmtree(self.folder, ignore_errors=True)
        self.logs = self.folder / "logs"
        self.logs.mkdir(parents=True)
        (self.folder / "conf.d").mkdir()
        for number in range(files):
            path = self.folder / "conf.d" / f"job{number}"
            path.write_text(f"{self.logs}/none{number}.log {{\n  missingok\n{directives}\n}}\n")
        (self.folder / "config").write_text(
            f"include {self.folder}/conf.d\n" + (f"{self.logs}/*.log {{\n  missingok\n{directives}\n}}\n" if count else ""))

    def fill(self):
        for path in self.logs.iterdir():
            path.unlink()
        for number in range(self.count):
            path = self.logs / f"app{number}.log"
            path.write_text("one line\n")
        shutil.rmtree(self.folder / "state.rotated", ignore_errors=True)
        last = OLD if self.due else time.strftime("%Y-%-m-%-d-%-H:%-M:%-S")
        with open(self.folder / "state", "w") as file:
            file.write("logrotate state -- version 2\n")
            for number in range(self.count):
                file.write(f'"{self.logs}/app{number}.log" {last}\n')
            for number in range(self.foreign):
                file.write(f'"/srv/other/log{number}.log" {last}\n')
        os.chmod(self.folder / "state", 0o640)
        os.sync()

    def call(self, command):
        """Seconds and kibibytes of one call."""
        words = [*command, *(["-f"] if self.forced else []), "-s", self.folder / "state", self.folder / "config"]
        environment = {**os.environ, "STATE_DIRECTORY": str(self.folder / "daemon"), "XDG_RUNTIME_DIR": str(self.folder)}
        # What time(1) starts has not the memory of this program to begin with.
        start = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-f", "%M", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{words} has exited with {done.returncode}: {done.stderr}")
        return seconds, int(done.stderr.split()[-1])


def command(bench):
    """Nothing due, foreign entries of the state, forced rotations, files of a directory."""
    many = bench.scale(10_000, 2_000)
    cases = [
        (f"nothing due, {many} logs", Place, (many, "  daily\n  rotate 4"), {"due": False}),
        (f"nothing due, {bench.scale(40_000, 8_000)} logs", Place, (bench.scale(40_000, 8_000), "  daily\n  rotate 4"), {"due": False}),
        ("state of 200,000 other logs", Place, (1, "  daily\n  rotate 4"), {"foreign": 200_000, "due": False}),
        (f"forced, {many} logs, numbers", Place, (many, "  daily\n  rotate 4\n  create"), {"forced": True}),
        (f"forced, {many} logs, dates", Place, (many, "  daily\n  rotate 4\n  create\n  dateext"), {"forced": True}),
        # As many files as a config may have, itself among them.
        (f"{many} files", Place, (0, "  daily\n  rotate 4"), {"files": many - 1}),
    ]
    for what, kind, places, names in cases:
        place = kind(bench.folder, *places, **names)
        spent, memory = Row("command", what, "s"), Row("command", f"{what}: memory", "KiB")

        def measured(name, program, place=place, spent=spent, memory=memory):
            def run():
                place.fill()
                seconds, kibibytes = place.call(program)
                spent.add(name, seconds)
                memory.add(name, kibibytes)

            return run

        interleave(
            {"rotated": measured("rotated", [RELEASE / "rotatectl", "logrotate"]), "logrotate": measured("logrotate", ["/usr/sbin/logrotate"])},
            min(bench.runs, 3))
        shutil.rmtree(place.folder, ignore_errors=True)
        yield spent
        yield memory
