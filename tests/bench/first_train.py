"""How long the very first Train waits for its kernels, with and without a process that compiles ahead.

    python -m tests.bench.first_train [ROUNDS]

Each time a session gets an empty folder for machine code, has a network made, and is told to train after two seconds.
Alone and with the other process take turns. What is printed are the medians of the seconds until the first minibatch
is trained, and of the processor's seconds in the session's own process.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

DELAY = 2.0
"""Seconds between the window's start and Train."""
WAYS = ("alone", "ahead")


def main(rounds: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            with tempfile.TemporaryDirectory() as folder:
                environment = {**os.environ, "XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder}
                command = [sys.executable, "-m", "tests.bench.first_train", way]
                done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            wall, own = map(float, done.stdout.split())
            found[way].append((wall, own))
    for way, times in found.items():
        wall, own = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{way}: {wall:.1f} s until the first minibatch, {own:.1f} s of the processor in the run's own process")


def once(way: str) -> None:
    """One session; prints its two times."""
    from convviz.core.design import course_design
    from convviz.data.sources import BuiltinDigits
    from convviz.run import commands
    from convviz.run.session import Session
    from convviz.run.worker import run_in_thread
    from convviz.training.events import MinibatchDone
    from tests.support.drained import drain

    session = Session(threads=2)
    run_in_thread(session)
    session.send(commands.Prepare(course_design(), BuiltinDigits()))
    if way == "ahead":
        session.send(commands.CompileAhead())
    time.sleep(DELAY)
    began, own = time.perf_counter(), time.process_time()
    session.send(commands.Train())
    drain(session, lambda message: isinstance(message, MinibatchDone))
    print(time.perf_counter() - began, time.process_time() - own)
    session.send(commands.Quit())


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else "3"
    once(given) if given in WAYS else main(int(given))
