"""A rotation daemon of a page, on asyncio: a coroutine for each log does the renames of a rotation. One run a line."""

import asyncio
import os
import sys


async def rotate(path, keep, creates):
    for number in range(keep - 1, -1, -1):
        old = f"{path}.{number}" if number else path
        try:
            os.rename(old, f"{path}.{number + 1}")
        except FileNotFoundError:
            pass
    if creates:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))


async def main():
    with open(sys.argv[1]) as file:
        paths = file.read().split("\n")[:-1]
    keep = int(sys.argv[2])
    creates = sys.argv[3] != "leave"
    print("ready", flush=True)
    for _ in sys.stdin:
        async with asyncio.TaskGroup() as group:
            for path in paths:
                group.create_task(rotate(path, keep, creates))
        print("done", flush=True)


asyncio.run(main())
