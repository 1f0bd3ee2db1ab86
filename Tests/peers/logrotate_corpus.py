#!/usr/bin/env python3
"""logrotate_corpus.py ROTATECTL DIRECTORY: the files of DIRECTORY/PACKAGE/etc/logrotate.d, read by rotated and by logrotate.

Each is read as it is: no error is allowed. Then a directory of its logs is rotated once by `logrotate -f` and once by
`rotatectl logrotate -f`. Names, contents (decompressed), modes and owners are compared. Scripts are replaced by nothing, and users
by root."""
import bz2
import glob
import gzip
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile

OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
GLOBALS = "weekly\nrotate 4\ncreate\n"


class Bench:
    """A directory in which both programs rotate the same logs."""

    def __init__(self, rotatectl):
        self.rotatectl = rotatectl
        self.path = tempfile.mkdtemp(prefix="rotated-corpus.")
        self.logs, self.config = f"{self.path}/root", f"{self.path}/config"
        self.cuts = False

    def close(self):
        shutil.rmtree(self.path)

    def fill(self, files):
        """The directory has these files: path, content, mode."""
        shutil.rmtree(self.logs, ignore_errors=True)
        os.makedirs(self.logs)
        for path, content, mode in files:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            opener = OPENERS.get(os.path.splitext(path)[1], open)
            with opener(path, "wb") as file:
                file.write(content)
            os.chmod(path, mode)

    def found(self):
        """What the directory has: by path the content, the mode and the owner."""
        result = {}
        for path in sorted(glob.glob(f"{self.logs}/**", recursive=True, include_hidden=True)):
            if not os.path.isfile(path):
                continue
            with OPENERS.get(os.path.splitext(path)[1], open)(path, "rb") as file:
                content = file.read()
            # Row "`copytruncate` and the length of the log" of Logrotate.md: the log may keep its length, as NUL bytes.
            if self.cuts and not content.strip(b"\0"):
                content = b""
            status = os.stat(path)
            result[path[len(self.logs):]] = (content, oct(status.st_mode & 0o7777), status.st_uid, status.st_gid)
        return result

    def logrotate(self, files):
        self.fill(files)
        state = f"{self.path}/state"
        if os.path.exists(state):
            os.remove(state)
        run = subprocess.run([LOGROTATE, "-f", "-s", state, self.config], capture_output=True, text=True)
        return self.found(), run.stderr

    def rotated(self, files):
        self.fill(files)
        state = f"{self.path}/state"
        if os.path.exists(state):
            os.remove(state)
        environment = {**os.environ, "STATE_DIRECTORY": f"{self.path}/daemon"}
        run = subprocess.run(
            [self.rotatectl, "logrotate", "-f", "-s", state, self.config], capture_output=True, text=True, env=environment)
        return self.found(), run.stdout + run.stderr

    def compare(self, text, files):
        """The differences of both runs, and what the programs said."""
        self.cuts = "copytruncate" in text
        with open(self.config, "w") as file:
            file.write(text)
        os.chmod(self.config, 0o644)
        theirs, said = self.logrotate(files)
        ours, answer = self.rotated(files)
        lines = []
        for path in sorted(set(theirs) | set(ours)):
            one, other = theirs.get(path), ours.get(path)
            if one == other:
                continue
            if one and other:
                one, other = one[1:] + (one[0][:20],), other[1:] + (other[0][:20],)
            else:
                one, other = one and "there", other and "there"
            lines.append(f"  {path}: logrotate {one or 'none'}, rotated {other or 'none'}")
        return lines, f"{said}{answer}"


LOGROTATE = next((p for p in [os.environ.get("LOGROTATE", ""), "/usr/sbin/logrotate"] if p and os.path.exists(p)), None)


def harmless(text, root):
    """The text with its logs below root, root as every user, and scripts that do nothing."""
    text = re.sub(r"^(\s*(?:pre|post)rotate|\s*(?:first|last)action).*?^\s*endscript", r"\1\n true\nendscript", text, flags=re.S | re.M)
    text = re.sub(r"^(\s*create\s+[0-7]+)\s+\S+\s+\S+", r"\1 root root", text, flags=re.M)
    text = re.sub(r"^(\s*su)\s.*", r"\1 root root", text, flags=re.M)
    return re.sub(r"(^|[\s\"'])/(var|srv|opt|tmp|run|home)/", rf"\1{root}/\2/", text)


def logs_of(text, root):
    """An example of each log that a text names, with archives of it."""
    names = sorted(set(re.findall(re.escape(root) + r"[^\s\"'{]+", text)))
    files = []
    for name in names:
        name = re.sub(r"\[[^]]*\]", "a", name.replace("*", "x").replace("?", "x"))
        if os.path.basename(name):
            # logrotate sees only the archives that such a file has made.
            packed = ".gz" if re.search(r"^\s*compress\b", text, re.M) else ""
            first = "" if re.search(r"^\s*delaycompress\b", text, re.M) else packed
            files += [(name, b"live\n" * 220_000, 0o640), (f"{name}.1{first}", b"one\n", 0o640), (f"{name}.2{packed}", b"two\n", 0o600)]
    return files


def corpus(bench, directory):
    count, different, refused = 0, 0, 0
    packages = set()
    for path in sorted(glob.glob(f"{directory}/*/etc/logrotate.d/*")):
        package = os.path.relpath(path, directory).split("/")[0]
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
        os.chmod(path, 0o644)
        check = subprocess.run(
            [bench.rotatectl, "check", "--config", path, "--format", "logrotate", "--offline"], capture_output=True, text=True)
        errors = [line for line in check.stderr.splitlines() if " error: " in line]
        if errors or check.returncode not in (0,):
            refused += 1
            print(f"{package} {os.path.basename(path)}: refused:", *errors, f"(exit {check.returncode})", check.stderr, sep="\n  ")
        text = GLOBALS + harmless(text, bench.logs)
        lines, said = bench.compare(text, logs_of(text, bench.logs))
        count += 1
        packages.add(package)
        if lines:
            different += 1
            print(f"{package} {os.path.basename(path)}: different", *lines, said, sep="\n")
    print(f"{count} files of {len(packages)} packages: {refused} refused, {different} different")
    return refused == 0 and different == 0


def main():
    if os.geteuid() != 0 or not LOGROTATE:
        print("Skipped: this needs root and logrotate.")
        return 0
    bench = Bench(sys.argv[1])
    try:
        return 0 if corpus(bench, sys.argv[2]) else 1
    finally:
        bench.close()


sys.exit(main())
