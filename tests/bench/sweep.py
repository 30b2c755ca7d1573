"""What a sweep costs beyond its runs, and what it survives.

    python -m tests.bench.sweep time 3                   32 runs on 2 workers against the same runs one after another,
                                                         three times in turns
    python -m tests.bench.sweep kill 10                  kill -9 of a worker at 10 random moments, and of the command
                                                         once; then --resume: every run once, bit for bit
    python -m tests.bench.sweep stop 6                   Ctrl+C at 6 random moments: how long until all has ended
                                                         (to be at most 2 s), and whether anything is left

Runs are lr × filters × seeds of the preset course-7×7, which has 32 filters: one epoch of 5,000 built-in digits each
(``--images``). Both times count from the command to its end, with imports, images and processes; one after another, all
runs are trained and recorded in turn by one process with one thread, as a worker has. Wall times mean something on a
quiet machine only; processor time, of all processes together, nearly always does. A first sweep that isn't counted
compiles what has to be compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

import convviz
from convviz.core.design import Design
from convviz.sweeps.manifest import NAME, Manifest, read_manifest, sweep_of

AXES = ("training.optimiser.lr=0.003..0.3:log:4", "layers.conv1.filters=16,32", "--seeds", "4")


def command(out: Path, images: int, *more: str) -> list[str]:
    """The command of the sweep of 32 runs."""
    sizes = ["--train-size", str(images), "--test-size", "1000", "--epochs", "1"]
    what = ["--set", AXES[0], "--set", AXES[1], *AXES[2:]]
    return [
        sys.executable,
        "-m",
        "convviz",
        "sweep",
        *sizes,
        *what,
        "--workers",
        "2",
        "--out",
        str(out),
        "--json",
        *more,
    ]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a command: by the clock, and of the processor in all its processes."""

    wall: float
    cpu: float


def timed(images: int, times: int) -> None:
    """Print the times and their ratios."""
    ratios: list[tuple[float, float]] = []
    for number in range(times + 1):
        with tempfile.TemporaryDirectory() as folder:
            out, others = Path(folder) / "sweep", Path(folder) / "alone"
            swept = took(command(out, images))
            if not number:
                continue
            others.mkdir()
            alone = took([sys.executable, "-m", "tests.bench.sweep", "alone", str(out), str(others)])
            done = read_manifest(out / NAME)
        ratios.append((swept.wall / (alone.wall / 2), swept.cpu / alone.cpu))
        print(
            f"sweep {swept.wall:.1f} s (processor {swept.cpu:.1f} s), one after another {alone.wall:.1f} s "
            f"({alone.cpu:.1f} s): {ratios[-1][0]:.3f} of a half, {ratios[-1][1]:.3f} times the processor; "
            f"trained for {sum(run.seconds for run in done.runs):.1f} s in the workers",
            flush=True,
        )
    wall, cpu = (median(ratio[at] for ratio in ratios) for at in (0, 1))
    print(f"medians: {wall:.3f} of a half by the clock (to be at most 1.15), {cpu:.3f} times the processor")


def took(words: list[str]) -> Took:
    """Run a command; what it took, with all processes that it starts."""
    began = time.perf_counter()
    used: dict[int, float] = {}
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        whole = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.Error):
                for one in (whole, *whole.children(recursive=True)):
                    with suppress(psutil.Error):
                        times = one.cpu_times()
                        used[one.pid] = times.user + times.system
            time.sleep(0.05)
    assert process.returncode == 0, words
    return Took(time.perf_counter() - began, sum(used.values()))


def one_after_another(out: Path, others: Path) -> None:
    """Train the runs of a finished sweep in turn."""
    data = convviz.load_data()
    for number, design in enumerate(designs(read_manifest(out / NAME), out)):
        convviz.train(design, data, threads=1, record=others / f"{number}.cvz")


def designs(done: Manifest, out: Path) -> list[Design]:
    """The designs of all runs."""
    return [run.design for run in sweep_of(done, out)[1]]


def killed(times: int, images: int, seed: int) -> None:
    """Kill workers and the command at random moments, resume, and compare with ``train``."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sweep"
        more: tuple[str, ...] = ()
        left = times
        for round_ in range(2):
            line = command(out, images) if not more else [sys.executable, "-m", "convviz", "sweep", *more]
            with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                next_kill = time.monotonic() + rng.uniform(3, 5)
                for text in process.stdout:
                    event = json.loads(text)
                    if event["event"] != "progress" or not event["live"] or time.monotonic() < next_kill:
                        continue
                    if not round_ and left <= times // 2:
                        process.kill()
                        print(f"command killed after {event['over']} of {event['runs']} runs")
                        break
                    if left > 0:
                        worker = rng.choice(event["live"])["worker"]
                        try:
                            os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)
                        except ProcessLookupError:
                            continue
                        left -= 1
                        print(f"worker {worker} killed after {event['over']} of {event['runs']} runs")
                        next_kill = time.monotonic() + rng.uniform(1, 6)
            more = ("--resume", "--workers", "2", "--json", "--out", str(out))
        done = read_manifest(out / NAME)
        data, wrong = convviz.load_data(), 0
        for record, design in zip(done.runs, designs(done, out), strict=True):
            wanted = convviz.train(design, data)
            with convviz.open_run(out / record.file) as recorded:
                got = [(one.loss, one.train_accuracy, one.test_accuracy) for one in recorded.history]
                steps = recorded.minibatches.steps.tolist()
            same = got == [(one.loss, one.train_accuracy, one.test_accuracy) for one in wanted.history]
            wrong += not (same and record.state == "finished" and steps == list(range(1, wanted.place.step + 1)))
        files = len(list(out.glob("*.cvz")))
        print(
            f"{times - left} workers killed; {len(done.runs)} runs, {files} recordings, {wrong} not as train has them"
        )


def stopped(times: int, images: int, seed: int) -> None:
    """Press Ctrl+C at some moments, as a terminal does: all processes of the command get the signal."""
    rng = random.Random(seed)
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "sweep"
            line = command(out, images)
            with subprocess.Popen(
                line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
            ) as process:
                assert process.stdout is not None
                if number % 2:
                    next(text for text in process.stdout if json.loads(text).get("live"))
                began_with, after = "first run" if number % 2 else "command", rng.uniform(0.2, 2.5)
                time.sleep(after)  # some moment, whatever happens then
                there = [process.pid, *(one.pid for one in psutil.Process(process.pid).children(recursive=True))]
                began = time.perf_counter()
                os.killpg(process.pid, signal.SIGINT)
                said = process.communicate()[1].strip()
                seconds = time.perf_counter() - began
            time.sleep(0.2)
            left = [pid for pid in there if psutil.pid_exists(pid)]
            state = read_manifest(out / NAME).count("finished") if (out / NAME).exists() else "nothing begun"
            print(
                f"{after:.1f} s after the {began_with} began ({state} done): ended in {seconds:.2f} s with "
                f"{process.returncode}, {len(left)} processes left; said {said!r}",
                flush=True,
            )


def main() -> None:
    """Read the flags."""
    if sys.argv[1:2] == ["alone"]:
        one_after_another(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["time", "kill", "stop"])
    parser.add_argument("times", type=int, nargs="?", default=10)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.what == "time":
        timed(args.images, args.times)
    elif args.what == "stop":
        stopped(args.times, args.images, args.seed)
    else:
        killed(args.times, args.images, args.seed)


if __name__ == "__main__":
    main()
