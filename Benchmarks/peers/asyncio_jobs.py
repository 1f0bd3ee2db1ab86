"""Jobs as coroutines, as a rotation daemon on asyncio would have them.

    sleep COUNT         so many jobs that are not due
    watch SECONDS FILE  for each line "LIMIT PATH" a job that looks at the size that often, and rotates
    timer SECONDS PATH  a job each so many seconds; answers a line with how late it was, in microseconds
"""

import asyncio
import json
import os
import sys


async def sleeper():
    while True:
        await asyncio.sleep(6 * 3600)


async def watcher(seconds, limit, path):
    while True:
        await asyncio.sleep(seconds)
        try:
            if os.stat(path).st_size >= limit:
                os.rename(path, path + ".1")
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))
        except FileNotFoundError:
            pass


async def timer(seconds, path, firings):
    loop = asyncio.get_running_loop()
    late = []
    due = loop.time()
    for _ in range(firings):
        due += seconds
        await asyncio.sleep(max(0, due - loop.time()))
        try:
            os.stat(path)
        except FileNotFoundError:
            pass
        late.append((loop.time() - due) * 1e6)
    return late


async def main():
    mode, *arguments = sys.argv[1:]
    loop = asyncio.get_running_loop()
    tasks = []
    if mode == "sleep":
        tasks = [loop.create_task(sleeper()) for _ in range(int(arguments[0]))]
    elif mode == "watch":
        with open(arguments[1]) as file:
            for line in file:
                limit, path = line.split()
                tasks.append(loop.create_task(watcher(float(arguments[0]), int(limit), path)))
    await asyncio.sleep(0)
    print("ready", flush=True)
    while True:
        asked = asyncio.Event()
        loop.add_reader(0, asked.set)
        await asked.wait()
        loop.remove_reader(0)
        line = os.read(0, 100)
        if not line:
            break
        print(json.dumps(await timer(float(arguments[0]), arguments[1], int(line))), flush=True)
    for task in tasks:
        task.cancel()


asyncio.run(main())
