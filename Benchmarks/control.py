"""Rows: what the control socket costs, and what its clients cost everything else."""

import json
import multiprocessing
import os
import shutil
import socket
import time

from fixture import Logs
from measure import Row
from programs import Daemon, memory, switches, written

INTERFACE = "org.rotated.Manager"


class Client:
    """A connection that speaks Varlink: an object of JSON and a NUL, both ways."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, method, more=False, **parameters):
        """Every reply, parsed."""
        call = {"method": method, "parameters": parameters} | ({"more": True} if more else {})
        self.socket.sendall(json.dumps(call).encode() + b"\0")
        return [json.loads(reply) for reply in self.replies()]

    def replies(self):
        while True:
            *complete, self.rest = self.rest.split(b"\0")
            for reply in complete:
                yield reply
                if b'"continues":true' not in reply:
                    return
            got = self.socket.recv(1 << 20)
            if not got:
                raise RuntimeError("rotated has closed the connection")
            self.rest += got


def row(section, what, unit, samples, note, **floors):
    made = Row(section, what, unit, note=note)
    for sample in samples:
        made.add("rotated", sample)
    for name, value in floors.items():
        made.add(name, value)
    return made


def place(folder):
    """Where the control socket of a daemon in this folder is, and the environment that says so."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "control", {"RUNTIME_DIRECTORY": str(folder)}


def kilobytes(pid):
    return memory(pid)[1] * 1024


class Pinger:
    """Makes one call after the other, in a process of its own: a thread would wait for the one that reads a hundred thousand replies."""

    def __init__(self, client):
        self.result, result = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self.run, args=(client, result))
        self.process.start()
        self.result.recv()

    @staticmethod
    def run(client, result):
        longest = 0.0
        result.send("ready")
        while not result.poll():
            began = time.monotonic()
            client.call("org.varlink.service.GetInfo")
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.0005)
        result.send(longest)

    def end(self):
        """The longest time that it has waited for a reply, in seconds."""
        self.result.send("end")
        longest = self.result.recv()
        self.process.join()
        return longest


def status(bench):
    """What `rotatectl status` asks for, and how long another client waits meanwhile."""
    section = "Control socket: status, and other clients meanwhile"
    note = (
        "From the call to its last reply, in a client that waits; a job with a pattern, a hundred logs in each directory, no archives. "
        "The other client sends one call after the other; the row has the longest time that it has waited for a reply."
    )
    for count in bench.scale([10_000, 100_000], [1_000, 10_000]):
        folder = bench.folder / f"status{count}"
        logs = Logs(folder / "logs", count, max(1, count // 100))
        config = f'[job.all]\nlogs = "{logs.pattern}"\nevery = "6h"\n'
        control, environment = place(folder / "run")
        with Daemon(folder, config, environment=environment) as daemon, Client(control) as client, Client(control) as other:
            daemon.settle()
            spans, waits = [], []
            for with_logs in [False] * bench.runs + [True] * bench.runs:
                pinger = Pinger(other) if with_logs else None
                began = time.monotonic()
                replies = client.call(f"{INTERFACE}.List", more=True, withDaemon=True, withHolders=True, withLogs=with_logs)
                span = time.monotonic() - began
                if pinger:
                    waits.append(pinger.end() * 1e3)
                    if len(replies) != count + 2:
                        raise RuntimeError(f"{len(replies)} replies for {count} logs")
                else:
                    spans.append(span * 1e3)
        logs.remove()
        shutil.rmtree(folder)
        yield row(section, f"status of {count:,} logs", "ms", spans, note)
        yield row(section, f"longest wait of another client, {count:,} logs listed", "ms", waits, note)


def idle_socket(bench):
    """A daemon with nothing to do, with the socket and without it."""
    section = "Control socket of an idle daemon"
    note = (
        "With it, a client is connected, has called Describe and says nothing. Without it, RUNTIME_DIRECTORY names no directory. Over some "
        "seconds. Private memory includes pages of the program's file that no other process has read, and that the kernel can drop."
    )
    seconds = bench.scale(10, 3)
    config = "".join(f'[job.j{n}]\nlogs = "{bench.folder}/none/j{n}.log"\nevery = "6h"\n' for n in range(100))
    wakes, sizes, changed = [], {"with": [], "without": []}, {"with": [], "without": []}
    for number in range(bench.runs):
        for kind in ("with", "without"):
            folder = bench.folder / f"socket-{kind}"
            control, environment = place(folder / "run")
            environment = environment if kind == "with" else {"RUNTIME_DIRECTORY": "/proc/none"}
            with Daemon(folder, config, environment=environment) as daemon:
                client = Client(control) if kind == "with" else None
                if client:
                    client.call(f"{INTERFACE}.Describe")
                daemon.settle()
                sizes[kind].append(kilobytes(daemon.pid))
                changed[kind].append(written(daemon.pid) * 1024)
                if client and number == 0:
                    before = switches(daemon.pid)[0]
                    time.sleep(seconds)
                    wakes.append((switches(daemon.pid)[0] - before) / seconds)
                if client:
                    client.socket.close()
    yield row(section, "wake-ups with a silent client", "1/s", wakes, note, zero=0)
    yield row(section, "private memory with it", "kB", sizes["with"], note)
    yield row(section, "private memory without it", "kB", sizes["without"], note)
    yield row(section, "of it written, with it", "kB", changed["with"], note)
    yield row(section, "of it written, without it", "kB", changed["without"], note)


def crowd(bench):
    """Clients that come and go, many a second, while logs are to be rotated on time."""
    rate, seconds = bench.scale((10_000, 10), (10_000, 2))
    section = f"Control socket: {rate:,} connects a second for {seconds} s"
    note = (
        "Each client connects, calls GetInfo and closes at once. A job rotates every 200 ms meanwhile; how late it was at most is what its "
        "metrics say. Memory: private, before and five seconds after."
    )
    folder = bench.folder / "crowd"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs/a.log").write_text("x\n")
    control, environment = place(folder / "run")
    config = f'[job.a]\nlogs = "{folder}/logs/a.log"\nevery = "200ms"\nkeep = 3\nif-empty = true\n'
    call = b'{"method":"org.varlink.service.GetInfo"}\0'
    with Daemon(folder, config, environment=environment) as daemon:
        time.sleep(1)
        before = kilobytes(daemon.pid)
        files = len(os.listdir(f"/proc/{daemon.pid}/fd"))
        began, done = time.monotonic(), 0
        while done < rate * seconds:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(str(control))
                client.sendall(call)
            done += 1
            ahead = done / rate - (time.monotonic() - began)
            if ahead > 0.005:
                time.sleep(ahead)
        span = time.monotonic() - began
        time.sleep(5)
        after = kilobytes(daemon.pid)
        if len(os.listdir(f"/proc/{daemon.pid}/fd")) > files:
            raise RuntimeError("descriptors of clients are left")
        with Client(control) as client:
            samples = [s for r in client.call(f"{INTERFACE}.Metrics", more=True) for s in r["parameters"].get("samples", [])]
        late = max(s["value"] for s in samples if "late_seconds" in s["metric"])
    shutil.rmtree(folder)
    yield row(section, "connects", "1/s", [done / span], note)
    yield row(section, "the latest rotation", "ms", [late / 1e3], note)
    yield row(section, "private memory before", "kB", [before], note)
    yield row(section, "private memory after", "kB", [after], note)
