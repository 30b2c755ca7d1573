"""What a sweep costs beyond its runs, and what it survives.

    python -m tests.bench.sweep time                     32 runs on 2 workers against the same runs one after another
    python -m tests.bench.sweep kill 10                  kill -9 of a worker at 10 random moments, and of the command
                                                         once; then --resume: every run once, bit for bit

Runs are lr × filters × seeds, one epoch of 5,000 built-in digits each (``--images``). The time of a sweep counts from
the command to its end, processes and all; one after another, they are trained in a process that is warm.
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
from pathlib import Path

import convviz
from convviz.core.design import Design
from convviz.sweeps.manifest import NAME, Manifest, read_manifest, sweep_of

AXES = ("training.optimiser.lr=0.003..0.3:log:4", "layers.conv1.filters=8,16", "--seeds", "4")


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


def timed(images: int) -> None:
    """Print the times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sweep"
        data = convviz.load_data()
        convviz.train(first_design(images), data, threads=1)  # compiles what has to be compiled
        began = time.perf_counter()
        subprocess.run(command(out, images), check=True, stdout=subprocess.DEVNULL)
        swept = time.perf_counter() - began
        done = read_manifest(out / NAME)
        began = time.perf_counter()
        for number, design in enumerate(designs(done, out)):
            convviz.train(design, data, threads=1, record=Path(folder) / f"{number}.cvz")
        alone = time.perf_counter() - began
    print(f"sweep on 2 workers {swept:.1f} s, one after another {alone:.1f} s")
    print(f"ratio {swept / (alone / 2):.3f} of a half (to be at most 1.15); workers alone: see seconds of the runs")
    busy = sum(run.seconds for run in done.runs)
    print(f"trained in the workers for {busy:.1f} s in all")


def first_design(images: int) -> Design:
    """The design that all begin from, at one epoch."""
    from msgspec.structs import replace

    design = convviz.preset("course-7x7")
    return replace(design, training=replace(design.training, epochs=1, train_size=images, test_size=1000))


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


def main() -> None:
    """Read the flags."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["time", "kill"])
    parser.add_argument("times", type=int, nargs="?", default=10)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.what == "time":
        timed(args.images)
    else:
        killed(args.times, args.images, args.seed)


if __name__ == "__main__":
    main()
