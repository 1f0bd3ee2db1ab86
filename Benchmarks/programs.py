"""The programs under test and their peers, as processes that are started, triggered, measured and ended."""

import os
import pathlib
import queue
import re
import resource
import signal
import socket
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = HERE.parent / ".build/release"
# What a thread is in when it sleeps on epoll: epoll_wait, epoll_pwait, epoll_pwait2 (x86-64, then arm64).
SLEEPING = {"x86_64": ("232", "281", "441"), "aarch64": ("22", "441")}.get(os.uname().machine, ())


PIECES = re.compile(r"longest piece of work took (\d+) us")


class Daemon:
    """`rotated` on a config of its own, with a notification socket that the benchmark reads. It times each piece of its work, from
    one yield to the next, which costs it two looks at the clock."""

    # Of all daemons that have ended: the longest piece in milliseconds, and the config of that daemon. Those under strace and
    # valgrind do not count.
    longest = (0, "")

    def __init__(self, folder, config, command=(RELEASE / "rotated",), environment=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state = self.folder / "state"
        self.errors = self.folder / "stderr"
        (self.folder / "rotated.toml").write_text(config)
        self.config = config
        # An address of its own in the abstract space: a path may be too long for a socket.
        address = f"rotated-bench-{os.getpid()}-{id(self)}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address)
        command = [*command, "--config", self.folder / "rotated.toml", "--state", self.state]
        self.is_slowed = command[0] in ("valgrind", "strace")
        environment = {**os.environ, "NOTIFY_SOCKET": "@" + address, "ROTATED_TIME_PIECES": "1", **(environment or {})}
        environment.pop("JOURNAL_STREAM", None)
        started = time.monotonic()
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=environment)
        self.pid = self.process.pid
        self.notifications = queue.SimpleQueue()
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        self.start_seconds = self.wait_for("READY=1") - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError("rotated did not stop") from None
        finally:
            # A datagram of nothing ends the listener.
            self.socket.sendto(b"", self.socket.getsockname())
            self.listener.join()
            self.socket.close()
            self.longest_piece = int((PIECES.findall(self.errors.read_text()) or [0])[-1]) / 1000
            if not self.is_slowed:
                Daemon.longest = max(Daemon.longest, (self.longest_piece, self.folder.name))

    def listen(self):
        """Keeps every notification with its time, as a service manager does: a socket that is full would stop the daemon."""
        while message := self.socket.recv(65536):
            self.notifications.put((time.monotonic(), message.decode()))

    def wait_for(self, field, seconds=300):
        """Waits for a notification with a line that begins with the field; gives the time at which it came."""
        end = time.monotonic() + seconds
        while True:
            try:
                came, message = self.notifications.get(timeout=1)
            except queue.Empty:
                if self.process.poll() is not None or time.monotonic() >= end:
                    raise RuntimeError(f"rotated gave no {field}; its last words: {self.errors.read_text()[-2000:]}") from None
                continue
            if any(line.startswith(field) for line in message.split("\n")):
                return came

    def drain(self):
        while not self.notifications.empty():
            self.notifications.get()

    def turn(self):
        """Seconds of a turn that rotates: from SIGUSR1 to the status that ends it, after the last state record."""
        self.drain()
        started = time.monotonic()
        os.kill(self.pid, signal.SIGUSR1)
        return self.wait_for("STATUS=") - started

    def look(self):
        """Seconds of a turn that finds nothing due: from SIGUSR1 to the moment it sleeps again."""
        before = switches(self.pid)[0]
        started = time.monotonic()
        os.kill(self.pid, signal.SIGUSR1)
        while not (asleep(self.pid) and switches(self.pid)[0] > before):
            if time.monotonic() > started + 300:
                raise RuntimeError("rotated did not go back to sleep")
        return time.monotonic() - started

    def settle(self):
        """Waits until nothing has happened for a while."""
        quiet, before = 0, None
        while quiet < 5:
            time.sleep(0.05)
            now = (switches(self.pid), cpu_seconds(self.pid))
            quiet = quiet + 1 if now == before and asleep(self.pid) else 0
            before = now


class Servant:
    """A resident peer or floor: does its work for each line on its input, and answers with a line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.pid = self.process.pid
        started = time.monotonic()
        self.read()
        self.start_seconds = time.monotonic() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended early")
        return line.decode().strip()

    def ask(self, text="go"):
        self.process.stdin.write((text + "\n").encode())
        return self.read()

    def turn(self):
        """Seconds from the trigger to the answer."""
        started = time.monotonic()
        self.ask()
        return time.monotonic() - started


def logrotate(folder, config, force=False):
    """A function that runs logrotate once on this config, and gives its seconds: from fork to exit, as cron has it."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "logrotate.conf"
    path.write_text(config)
    path.chmod(0o644)
    command = ["logrotate", *(["-f"] if force else []), "-s", str(folder / "status"), str(path)]

    def run():
        started = time.monotonic()
        done = subprocess.run(command, capture_output=True, check=False)
        seconds = time.monotonic() - started
        if done.returncode != 0:
            raise RuntimeError(f"logrotate: {done.stderr.decode()[-1000:]}")
        return seconds

    run.command = command
    return run


def with_cpu(action, pid=None):
    """Seconds by the clock, and on the processor: of a process, or of the children that end meanwhile."""

    def spent():
        if pid is not None:
            return cpu_seconds(pid)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def run():
        before = spent()
        seconds = action()
        return seconds, spent() - before

    return run


def proc(pid, name):
    return pathlib.Path(f"/proc/{pid}/{name}").read_text()


def asleep(pid):
    return proc(pid, "syscall").split(" ", 1)[0] in SLEEPING


def switches(pid):
    """Voluntary and involuntary switches: how often it slept, and how often it was made to wait."""
    text = proc(pid, "status")
    return tuple(int(re.search(rf"^{kind}_ctxt_switches:\s+(\d+)", text, re.M)[1]) for kind in ("voluntary", "nonvoluntary"))


def cpu_seconds(pid):
    """On the processor so far, to the nanosecond (CONFIG_SCHED_INFO), all threads."""
    return sum(int(path.read_text().split()[0]) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def memory(pid):
    """Resident and private MB."""
    fields = dict(re.findall(r"^(\w+):\s+(\d+) kB", proc(pid, "smaps_rollup"), re.M))
    private = int(fields["Private_Clean"]) + int(fields["Private_Dirty"])
    return int(fields["Rss"]) / 1024, private / 1024


def written(pid):
    """Private MB that were written: what the kernel cannot take back, unlike pages of the program's file that were only read."""
    return int(re.search(r"^Private_Dirty:\s+(\d+) kB", proc(pid, "smaps_rollup"), re.M)[1]) / 1024


def more_files():
    """As many descriptors as may be had."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
