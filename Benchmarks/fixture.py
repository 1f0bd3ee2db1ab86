"""Directories full of logs."""

import os
import pathlib
import shutil
import subprocess


class Logs:
    """`count` logs, spread over `directories`, each with `versions` archives.

    Every contender of a row works on the same files: a rotation with `versions` archives kept leaves as many behind,
    so that, once the live logs have a line again, the next finds what the one before found.
    """

    def __init__(self, folder, count, directories=1, versions=0):
        self.folder = pathlib.Path(folder)
        self.versions = versions
        self.paths = []
        shutil.rmtree(self.folder, ignore_errors=True)
        width = len(str(directories - 1))
        for index in range(directories):
            (self.folder / f"d{index:0{width}}").mkdir(parents=True, mode=0o755)
        for index in range(count):
            self.paths.append(f"{self.folder}/d{index % directories:0{width}}/app{index // directories:06}.log")
        for path in self.paths:
            for suffix in ["", *(f".{number}" for number in range(1, versions + 1))]:
                os.close(os.open(path + suffix, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o640))
        self.sync()

    @property
    def pattern(self):
        return f"{self.folder}/*/*.log"

    def list_file(self):
        """A file with a path a line, for the programs that are told their logs."""
        path = self.folder.with_suffix(".list")
        path.write_text("".join(f"{log}\n" for log in self.paths))
        return path

    def sync(self):
        subprocess.run(["sync", "--file-system", str(self.folder)], check=True)

    def fill(self):
        """A line into each live log, and everything to the disk, so that no contender pays for another's writes."""
        for path in self.paths:
            file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o640)
            os.write(file, b"a line\n")
            os.close(file)
        self.sync()

    def check(self, name):
        """Fails unless the last rotation did its work: a live log that is empty or left to its writer, and all its archives."""
        for path in (self.paths[0], self.paths[len(self.paths) // 2], self.paths[-1]):
            if os.path.exists(path) and os.stat(path).st_size != 0 or os.stat(path + ".1").st_size == 0:
                raise RuntimeError(f"{name} has not rotated {path}")
            hidden = f"/.{os.path.basename(path)}.rotated"
            left = [f"{path}.{self.versions + 1}", os.path.dirname(path) + hidden]
            if not os.path.exists(f"{path}.{self.versions}") or any(map(os.path.exists, left)):
                raise RuntimeError(f"{name} has left other versions of {path} than it should")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
