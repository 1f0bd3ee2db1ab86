#!/usr/bin/env python3
"""Load for servers whose logs are rotated, and the count of what is in the logs.

load.py http PORT RECORD       asks for one path after the other, each with a number of its own
load.py syslog SOCKET RECORD   sends messages, each with a number of its own
load.py count RECORD FILE...   compares the numbers in RECORD with the lines of a log and all its archives

The first two go on until SIGTERM. RECORD gets each number that the server has answered, or that is in its socket: one that must be
logged. An unanswered request, as one to a connection that the server closes meanwhile, may be logged or not, but not twice.
"""
import collections
import gzip
import http.client
import re
import signal
import socket
import sys
import threading
import time

CONNECTIONS = 4
PER_SECOND = 300
LINE = re.compile(rb"/load/(\d{9})/end")


def repeat(connection, work, record, stop):
    """Does the work for the numbers of one connection, as evenly as the clock allows."""
    due = time.monotonic()
    number = connection * 100_000_000
    while not stop.is_set():
        number += 1
        text = f"{number:09}"
        if work(text):
            record.write(text + "\n")
        due = max(due + CONNECTIONS / PER_SECOND, time.monotonic() - 1)
        stop.wait(max(0, due - time.monotonic()))


def asker(port):
    server = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)

    def ask(text):
        try:
            server.request("GET", f"/load/{text}/end")
            answer = server.getresponse()
            answer.read()
            return answer.status == 404
        except (http.client.HTTPException, OSError):
            server.close()
            return False

    return ask


def sender(path):
    # The kernel keeps the order and every datagram, and has the sender wait when the queue is full.
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.connect(path)
    return lambda text: server.send(f"<14>load: /load/{text}/end".encode()) > 0


def load(make, place, path):
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open(path, "a", buffering=1) as record:
        threads = [threading.Thread(target=repeat, args=(i, make(place), record, stop)) for i in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def count(path, files):
    with open(path, "rb") as record:
        answered = set(record.read().split())
    lines, least = collections.Counter(), None
    for name in files:
        with (gzip.open if name.endswith(".gz") else open)(name, "rb") as file:
            found = [match[1] for match in map(LINE.search, file) if match]
        lines.update(found)
        least = len(found) if least is None else min(least, len(found))
    missing = sorted(answered - lines.keys())
    doubled = sorted(number for number, times in lines.items() if times > 1)
    print(
        f"{len(answered)} answered, {lines.total()} lines in {len(files)} files, at least {least} in each;"
        f" {len(missing)} missing, {len(doubled)} doubled, {len(lines.keys() - answered)} unanswered"
    )
    for what, numbers in ("missing", missing), ("doubled", doubled):
        for number in numbers[:5]:
            print(f"{what}: {number.decode()}")
    return not missing and not doubled and bool(answered) and bool(least)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["http", port, record]:
            load(asker, port, record)
        case ["syslog", path, record]:
            load(sender, path, record)
        case ["count", record, *files] if files:
            sys.exit(not count(record, files))
        case _:
            sys.exit(__doc__)
