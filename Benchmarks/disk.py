"""The file system that the logs lie on: an ext4 of our own in memory, so that no run waits for somebody else's disk.

It has a journal, as every installation's has, and is new, so that no run pays for what another has deleted. Making it
needs root; without it the logs lie in the build folder, on whatever is there, and the report says so.
"""

import os
import pathlib
import subprocess
import tempfile


class Disk:
    """`with Disk(folder) as disk:`; then `disk.path` is the place and `disk.kind` what to call it."""

    def __init__(self, folder, own):
        self.path = folder / "work"
        self.path.mkdir(parents=True, exist_ok=True)
        self.own = own
        self.image = None

    def __enter__(self):
        if self.own and os.geteuid() == 0:
            number, image = tempfile.mkstemp(prefix="rotated-bench-", dir="/dev/shm")
            os.truncate(number, 4 << 30)
            os.close(number)
            self.image = pathlib.Path(image)
            make = ["mkfs.ext4", "-q", "-F", "-N", "1500000", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]
            mount = ["mount", "-o", "loop,noatime", image, str(self.path)]
            if not all(subprocess.run(command, capture_output=True, check=False).returncode == 0 for command in (make, mount)):
                self.image.unlink()
                self.image = None
        found = subprocess.run(
            ["findmnt", "-n", "-o", "FSTYPE", "-T", str(self.path)], capture_output=True, text=True, check=False)
        self.kind = found.stdout.strip() or "unknown"
        self.kind += ", new, with a journal, in memory" if self.image else ", the one of the build folder"
        return self

    def __exit__(self, *_):
        if self.image:
            subprocess.run(["umount", str(self.path)], check=True)
            self.image.unlink()


class Volume:
    """A small file system of one kind, new and in memory; `reason` says why there is none."""

    def __init__(self, path, kind):
        self.path = path
        self.kind = kind
        self.image = None
        self.reason = ""

    def __enter__(self):
        self.path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            self.reason = "mounting needs root"
            return self
        if self.kind == "tmpfs":
            commands = [["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(self.path)]]
        else:
            number, image = tempfile.mkstemp(prefix="rotated-bench-", dir="/dev/shm")
            os.truncate(number, 1 << 30)
            os.close(number)
            self.image = pathlib.Path(image)
            force = "-F" if self.kind == "ext4" else "-f"
            commands = [[f"mkfs.{self.kind}", "-q", force, image], ["mount", "-o", "loop,noatime", image, str(self.path)]]
        for command in commands:
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except FileNotFoundError:
                self.reason = f"there is no {command[0]}"
                break
            if done.returncode != 0:
                self.reason = f"{command[0]}: {done.stderr.strip()[:200]}"
                break
        if self.reason and self.image:
            self.image.unlink()
            self.image = None
        return self

    def __exit__(self, *_):
        if not self.reason:
            subprocess.run(["umount", str(self.path)], check=True)
        if self.image:
            self.image.unlink()
