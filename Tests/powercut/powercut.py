#!/usr/bin/env python3
"""powercut.py ROTATED CUTS [FILE SYSTEM...]: cuts the power of the file system under a busy daemon, again and again.

Each cut has a new file system in an image of its own, writers that bring their lines to the disk, and a daemon that
rotates and compresses as fast as it can. At a random moment the file system is shut down by its own ioctl (flag 1 lets it
write its journal once more, flag 2 nothing); what was not on disk is gone. It is then mounted again, the daemon started
again and everything rotated once more, so that nothing is left half-done. The daemon's state is on the same file system, on
another that is cut in the same moment, or on one that stays: then it knows of rotations that the logs' disk has lost, and
lives on for a moment beside a disk that fails. Then:

  every line that was synced before the cut is there, once; no line is there twice; every compressed archive is whole.

ROTATED_STATE names the places of the state that are tried (same, other, kept), ROTATED_SEED the moments. Prints a line a cut
that went wrong, and the counts; exit status 1 when any did. Needs root."""
import fcntl
import gzip
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# _IOR('X', 125, uint32_t): EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN.
SHUTDOWN = 0x8004587D
MKFS = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}
# What a log is called decides what is done with it.
JOBS = """
[defaults]
every = "70ms"
keep = 9999

[job.plain]
logs = "{logs}/plain.log"

[job.gzip]
logs = "{logs}/gzip.log"
compress = "gzip"

[job.second]
logs = "{logs}/second.log"
compress = "gzip"
compress-from = 2

[job.writers-own]
logs = "{logs}/own.log"
create = false

[job.dated]
logs = "{logs}/dated.log"
archive-names = "dated"
extension = true
archive-dir = "old"
compress = "gzip"

[job.cut]
logs = "{logs}/cut.log"
method = "truncate"

[job.punched]
logs = "{logs}/punched.log"
method = "truncate"
truncate-by = "punch"
compress = "gzip"
"""
# Where the daemon's state is.
PLACES = {"same": "beside the logs", "other": "on another disk that is cut too", "kept": "on one that stays"}
REOPENING = ["plain.log", "gzip.log", "second.log", "own.log", "dated.log"]
# Their writers keep the file.
KEEPING = ["cut.log", "punched.log"]


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Disk:
    """A file system in an image."""

    def __init__(self, kind, path):
        self.image, self.point = f"{path}.image", f"{path}.point"
        os.mkdir(self.point)
        run("truncate", "-s", "320M", self.image)
        run(*MKFS[kind], self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.image, self.point)

    def umount(self):
        # Compressors of the daemon outlive it for a moment; a power cut would have ended them with it.
        deadline = time.monotonic() + 30
        while subprocess.run(["umount", self.point], stderr=subprocess.DEVNULL).returncode != 0:
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.point} stays busy")
            time.sleep(0.05)


class Stage:
    """File systems to be cut, with what runs on them."""

    def __init__(self, rotated, kind, place, work):
        self.rotated, self.place, self.work = rotated, place, work
        self.disks = [Disk(kind, f"{work}/logs")]
        self.logs = f"{self.disks[0].point}/logs"
        if place == "other":
            self.disks.append(Disk("xfs" if kind == "ext4" else "ext4", f"{work}/state"))
        self.state = f"{work}/kept-state" if place == "kept" else f"{self.disks[-1].point}/state"
        os.mkdir(self.logs)
        with open(f"{work}/rotated.toml", "w") as config:
            config.write(JOBS.format(logs=self.logs))
        for disk in self.disks:
            run("sync", "-f", disk.point)
        self.children = []

    def start_daemon(self):
        log = open(f"{self.work}/daemon.out", "ab")
        daemon = subprocess.Popen(
            [self.rotated, "--config", f"{self.work}/rotated.toml", "--state", self.state],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.children.append(daemon)
        return daemon

    def start_writers(self):
        self.acks = {}
        for name in REOPENING + KEEPING:
            writer = subprocess.Popen(
                [sys.executable, f"{HERE}/writer.py", f"{self.logs}/{name}", "2000", "1" if name in REOPENING else "0"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            os.set_blocking(writer.stdout.fileno(), False)
            self.children.append(writer)
            self.acks[name] = writer.stdout

    def synced(self):
        """How many lines each writer knew to be on disk."""
        counts = {}
        for name, pipe in self.acks.items():
            data = pipe.read() or b""
            data = data[: len(data) // 8 * 8]
            counts[name] = struct.unpack("q", data[-8:])[0] if data else 0
        return counts

    def cut(self, flag, chance):
        """Counts what is synced, and at once cuts the power."""
        disks = chance.sample(self.disks, len(self.disks))
        descriptors = [os.open(disk.point, os.O_RDONLY) for disk in disks]
        synced = self.synced()
        for descriptor in descriptors:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", flag))
        for descriptor in descriptors:
            os.close(descriptor)
        if self.place == "kept":
            time.sleep(chance.uniform(0, 0.3))
        self.kill()
        for disk in self.disks:
            disk.umount()
            disk.mount()
        return synced

    def kill(self):
        for child in self.children:
            child.kill()
            child.wait()
        self.children = []

    def settle(self):
        """A start, and one more rotation of every log, after which nothing is half-done."""
        for name in REOPENING + KEEPING:
            with open(f"{self.logs}/{name}", "ab") as log:
                log.write(b"\nthe end\n")
        daemon = self.start_daemon()
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and not self.is_settled():
            time.sleep(0.02)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)
        self.children.remove(daemon)
        return self.is_settled()

    def is_settled(self):
        for name in REOPENING + KEEPING:
            try:
                with open(f"{self.logs}/{name}", "rb") as log:
                    # NULs and filler are what a cut leaves.
                    if log.read().strip(b"\0 \n"):
                        return False
            except FileNotFoundError:
                pass
        names = [os.path.basename(path) for path in self.files()]
        if any(name.endswith((".rotated", "-spent", "-output")) for name in names):
            return False
        plain = [name for name in names if re.fullmatch(r"(gzip|second|punched)\.log\.\d+|dated-[\d~-]+\.log", name)]
        return all(name == "second.log.1" for name in plain)

    def files(self):
        return [f"{path}/{name}" for path, _, names in os.walk(self.logs) for name in names]

    def files_of(self, log):
        base = log.removesuffix(".log")
        return [path for path in self.files() if re.match(re.escape(base) + r"[.-]", os.path.basename(path))]

    def lines_of(self, log):
        """Number -> how often it is there; and what cannot be read."""
        counts, torn = {}, []
        whole = re.compile(rb"^" + re.escape(log.encode()) + rb" (\d{9}) (x*)$")
        for path in self.files_of(log):
            name = os.path.basename(path)
            try:
                data = gzip.open(path).read() if name.endswith(".gz") else open(path, "rb").read()
            except (OSError, EOFError) as error:
                torn.append(f"{name}: {error}")
                continue
            for line in data.split(b"\n"):
                match = whole.match(line.strip(b"\0"))
                # What was not synced may be torn by the cut; it counts only as far as it is whole.
                if match and len(match[2]) == int(match[1]) % 61:
                    number = int(match[1])
                    counts[number] = counts.get(number, 0) + 1
        return counts, torn

    def problems(self, synced):
        found = []
        for log, count in synced.items():
            lines, torn = self.lines_of(log)
            found += torn
            lost = [number for number in range(1, count + 1) if number not in lines]
            twice = [number for number, times in lines.items() if times > 1]
            if lost:
                found.append(f"{log}: {len(lost)} of {count} synced lines lost, {lost[0]} to {lost[-1]}")
            if twice:
                found.append(f"{log}: {len(twice)} lines twice, {min(twice)} to {max(twice)}")
        return found

    def close(self):
        self.kill()
        for disk in self.disks:
            subprocess.run(["umount", disk.point], stderr=subprocess.DEVNULL)


def one_cut(rotated, kind, place, flag, chance):
    work = tempfile.mkdtemp(prefix="rotated-powercut.")
    stage = None
    try:
        stage = Stage(rotated, kind, place, work)
        stage.start_daemon()
        stage.start_writers()
        time.sleep(chance.uniform(0.3, 1.5))
        synced = stage.cut(flag, chance)
        is_settled = stage.settle()
        found = stage.problems(synced)
        if not is_settled:
            found.append("not settled: " + " ".join(sorted(map(os.path.basename, stage.files()))[-30:]))
        if sum(synced.values()) == 0:
            found.append("nothing was synced before the cut: it proves nothing")
        archives = len(stage.files())
        if found:
            with open(f"{work}/daemon.out") as said:
                found.append("it said at the end: " + "".join(said.readlines()[-5:]))
        return sum(synced.values()), archives, found
    finally:
        if stage:
            stage.close()
        shutil.rmtree(work, ignore_errors=True)


def main():
    rotated, cuts = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    kinds = sys.argv[3:] or ["ext4", "xfs"]
    places = os.environ.get("ROTATED_STATE", " ".join(PLACES)).split()
    if os.environ.get("ROTATED_OWN_MOUNTS") != "1":
        # A mount namespace of its own: whatever happens, the mounts go with it.
        os.environ["ROTATED_OWN_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable] + sys.argv)
    seed = int(os.environ.get("ROTATED_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    wrong = lines = 0
    for number in range(cuts):
        kind, flag = kinds[number % len(kinds)], 1 + number // len(kinds) % 2
        place = places[number // len(kinds) // 2 % len(places)]
        synced, archives, found = one_cut(rotated, kind, place, flag, chance)
        lines += synced
        if found:
            wrong += 1
            print(f"✘ cut {number + 1}, {kind}, state {PLACES[place]}, flag {flag}, {archives} files: " + "; ".join(found))
        sys.stdout.flush()
    where = ", ".join(PLACES[place] for place in places)
    print(f"power cuts: {cuts} ({', '.join(kinds)}; flags 1 and 2; state {where}), {lines} synced lines")
    print(f"{cuts - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


sys.exit(main())
