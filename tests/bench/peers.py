"""How fast a training step is: ``python -m tests.bench.peers [--json FILE] [--rounds 40]``.

For every preset: milliseconds per training step (forward, backward, update) of convviz and of PyTorch on the CPU, *in
one run and interleaved*, with the same batch, float32, the same number of threads; their ratio; and the floor, the
same network's matrix products alone. Machines are noisy: read the ratios. Needs torch 2.13 (``pip install torch``);
without it the table has convviz and the floor only.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from convviz.core.design import Design
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.storage.presets import preset, presets
from convviz.training.images import Split
from convviz.training.trainer import Trainer
from tests.bench.floor import floor
from tests.bench.torch_twin import torch_step

Timed = Callable[[], None]


def noise(design: Design, count: int) -> Split:
    """Random images that fit a design."""
    rng = np.random.default_rng(0)
    image = design.input
    shape = count, image.channels, image.height, image.width
    return Split(rng.random(shape, np.float32), rng.integers(0, design.classes, count))


def convviz_step(design: Design, threads: int) -> tuple[Timed, Plan, Trainer]:
    """A call that trains one minibatch."""
    batch = design.training.batch_size
    data = noise(design, batch)
    trainer = Trainer(design, data, data, network=Network(design), threads=threads)
    rows = np.arange(batch)
    trainer.train_on(rows)
    return (lambda: trainer.train_on(rows) and None), trainer.plan(batch, train=True), trainer  # type: ignore[func-returns-value]


def interleaved(calls: dict[str, Timed], rounds: int, warm: int = 5) -> dict[str, list[float]]:
    """Milliseconds of every call, one after the other in each round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + warm):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if number >= warm:
                times[name].append(1e3 * (time.perf_counter() - started))
    return times


def summary(times: list[float]) -> dict[str, float]:
    """Median, and the quarter and three-quarter points."""
    low, middle, high = statistics.quantiles(times, n=4)
    return {"median": round(middle, 3), "q1": round(low, 3), "q3": round(high, 3), "min": round(min(times), 3)}


def measure(design: Design, threads: int, rounds: int) -> dict[str, Any]:
    """One row of the table."""
    ours, plan, trainer = convviz_step(design, threads)
    calls: dict[str, Timed] = {"convviz": ours, "floor": floor(plan.program, threads)}
    theirs = torch_step(design, threads)
    if theirs is not None:
        calls["torch"] = theirs
    times = interleaved(calls, rounds)
    trainer.close()
    row: dict[str, Any] = {name: summary(one) for name, one in times.items()}
    if "torch" in times:
        ratios = [t / c for t, c in zip(times["torch"], times["convviz"], strict=True)]
        row["torch / convviz"] = summary(ratios)
    row["convviz / floor"] = round(row["convviz"]["median"] / max(row["floor"]["median"], 1e-6), 2)
    row["memory MB"] = round(plan.nbytes / 1e6, 1)
    return row


def main() -> None:
    """Measure all presets and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", action="append", help="only this one; may be given several times")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    names = args.preset or [one.name for one in presets()]
    table: dict[str, Any] = {}
    with threadpool_limits(limits=1, user_api="blas"):
        print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
        print(f"{args.threads} threads, {args.rounds} rounds, milliseconds per training step: median (quarter – quarter)\n")
        print(f"{'preset':<18}{'convviz':>24}{'torch':>24}{'torch/convviz':>22}{'products alone':>16}{'ours/floor':>12}")
        for name in names:
            row = table[name] = measure(preset(name), args.threads, args.rounds)
            print(line(name, row), flush=True)
    if args.json:
        args.json.write_text(json.dumps(table, indent=1) + "\n")


def line(name: str, row: dict[str, Any]) -> str:
    """A row as text."""

    def spread(key: str, digits: int = 2) -> str:
        if key not in row:
            return "–"
        one = row[key]
        return f"{one['median']:.{digits}f} ({one['q1']:.{digits}f} – {one['q3']:.{digits}f})"

    return (
        f"{name:<18}{spread('convviz'):>24}{spread('torch'):>24}{spread('torch / convviz'):>22}"
        f"{row['floor']['median']:>16.2f}{row['convviz / floor']:>12.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
