"""How fast a training step is.

    python -m tests.bench.peers [--json FILE] [--rounds 20] [--preset NAME] [--threads 2] [--avx2] [--processor]

For every preset: milliseconds per training step (forward, backward, update) of convviz with compiled kernels (the extra
``fast``) and with NumPy alone, and of PyTorch on the CPU (eager), with the same batch, float32 and the same number of
threads; and the floor, the same network's matrix products alone in NumPy, which no im2col trainer on BLAS can beat.

All contestants run in one process in turns. PyTorch's OpenMP threads spin for a while after each parallel region and
take the second core from whoever comes next; and threads that wake up share a core for some milliseconds before they
are spread. So every turn begins with a pause, goes on with calls that are not measured, and then measures calls in a
row for a while, as in training: nobody pays for another one's threads. Machines are noisy: a busy core costs PyTorch
most, for its threads wait for each other. Run it on an idle machine, read the ratios with their spread, and look at
the load average that is noted in the JSON.

With ``--avx2`` all of them are held to what a machine without AVX-512 can do: numba compiles for a Haswell, OpenBLAS
takes its Haswell kernels, PyTorch and oneDNN theirs for AVX2. Libraries choose when they are loaded, so that is done in
another process. On a busy machine measure with ``--threads 1``: nobody waits for a thread that has no core then; and
with ``--processor`` the processor's time of all threads, which does not count what others take.

Needs torch 2.13 (``pip install torch``) and numba; columns of what is missing
are empty.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from threadpoolctl import threadpool_limits

from convviz.core import fast
from convviz.core.design import Design
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.storage.presets import preset, presets
from convviz.training.images import Split
from convviz.training.trainer import Trainer
from tests.bench.floor import floor
from tests.bench.torch_twin import torch_step

Timed = Callable[[], object]
AVX2 = {
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "DNNL_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
"""What holds numba, OpenBLAS, NumPy, PyTorch, oneDNN and MKL to AVX2."""
COMPILED, NUMPY, TORCH, FLOOR = "convviz", "convviz, NumPy alone", "torch", "products alone"
PAUSE = 0.02
"""Seconds between two contestants: OpenMP's threads have gone to sleep by then."""
WARM_UP, TURN = 0.05, 0.15
"""Seconds of a turn that are not measured, and that are."""


def noise(design: Design, count: int) -> Split:
    """Random images that fit a design."""
    rng = np.random.default_rng(0)
    image = design.input
    shape = count, image.channels, image.height, image.width
    return Split(rng.random(shape, np.float32), rng.integers(0, design.classes, count))


def convviz_step(design: Design, threads: int, *, compiled: bool = True) -> tuple[Timed, Plan, Trainer]:
    """A call that trains one minibatch."""
    design = replace(design, training=replace(design.training, train_size=None, test_size=None))
    batch = design.training.batch_size
    data = noise(design, batch)
    before = os.environ.get(fast.SWITCH)
    os.environ[fast.SWITCH] = "1" if compiled else "0"
    try:
        trainer = Trainer(design, data, data, network=Network(design), threads=threads)
        plan = trainer.plan(batch, train=True)
    finally:
        if before is None:
            del os.environ[fast.SWITCH]
        else:
            os.environ[fast.SWITCH] = before
    rows = np.arange(batch)
    return (lambda: trainer.train_on(rows)), plan, trainer


def in_turns(calls: dict[str, Timed], rounds: int, clock: Callable[[], float]) -> dict[str, list[list[float]]]:
    """Milliseconds of every contestant's calls, by round; the first round is not counted."""
    times: dict[str, list[list[float]]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            time.sleep(PAUSE)
            repeat(call, WARM_UP, clock)
            turn = repeat(call, TURN, clock)
            if number:
                times[name].append(turn)
    return times


def repeat(call: Timed, seconds: float, clock: Callable[[], float]) -> list[float]:
    """Milliseconds of every call, for some time and at least three calls."""
    times: list[float] = []
    begun = clock()
    while len(times) < 3 or clock() - begun < seconds:
        started = clock()
        call()
        times.append(1e3 * (clock() - started))
    return times


def summary(values: list[float]) -> dict[str, float]:
    """Median, and the quarter and three-quarter points."""
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": round(middle, 3), "q1": round(low, 3), "q3": round(high, 3), "min": round(min(values), 3)}


def measure(
    design: Design, threads: int, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """One row of the table."""
    plain, plan, trainer = convviz_step(design, threads, compiled=False)
    trainers = [trainer]
    calls: dict[str, Timed] = {}
    memory = {NUMPY: round(plan.nbytes / 1e6, 1)}
    if fast.available():
        calls[COMPILED], compiled_plan, trainer = convviz_step(design, threads)
        memory[COMPILED] = round(compiled_plan.nbytes / 1e6, 1)
        trainers.append(trainer)
    calls[NUMPY] = plain
    calls[FLOOR] = floor(plan.program, threads)
    theirs = torch_step(design, threads)
    if theirs is not None:
        calls[TORCH] = theirs
    times = in_turns(calls, rounds, clock)
    for one in trainers:
        one.close()
    medians = {name: [statistics.median(turn) for turn in turns] for name, turns in times.items()}
    row: dict[str, Any] = {
        "batch": design.training.batch_size,
        "ms": {name: summary([t for turn in turns for t in turn]) for name, turns in times.items()},
        "memory MB": memory,
        "torch is slower by": {},
        "times the products": {},
        "load average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
    for name in (COMPILED, NUMPY):
        if name in times and TORCH in times:
            ratios = [t / c for t, c in zip(medians[TORCH], medians[name], strict=True)]
            row["torch is slower by"][name] = summary(ratios)
        if name in times:
            ratios = [c / f for c, f in zip(medians[name], medians[FLOOR], strict=True)]
            row["times the products"][name] = summary(ratios)
    return row


def machine(threads: int, rounds: int) -> dict[str, Any]:
    """What was measured on, and with what."""
    versions = {"Python": platform.python_version(), "numpy": np.__version__}
    for name in ("numba", "torch"):
        try:
            versions[name] = __import__(name).__version__
        except ImportError:
            versions[name] = "–"
    return {
        "instructions": "AVX2" if os.environ.get("ATEN_CPU_CAPABILITY") == "avx2" else "all",
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": threads,
        "rounds": rounds,
        "versions": versions,
    }


def spread(values: dict[str, float] | None) -> str:
    """Median and quartiles as text."""
    if values is None:
        return "–"
    return f"{values['median']:.2f} ({values['q1']:.2f} – {values['q3']:.2f})"


def line(name: str, row: dict[str, Any]) -> str:
    """A row as text."""
    ms, slower, floors = row["ms"], row["torch is slower by"], row["times the products"]
    return (
        f"{name:<18}{spread(ms.get(COMPILED)):>25}{spread(ms[NUMPY]):>25}{spread(ms.get(TORCH)):>25}"
        f"{spread(ms[FLOOR]):>25}"
        f"{spread(slower.get(COMPILED)):>21}{spread(slower.get(NUMPY)):>21}{spread(floors.get(COMPILED)):>21}"
    )


def main() -> None:
    """Measure all presets and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", action="append", help="only this one; may be given several times")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--avx2", action="store_true", help="as on a machine without AVX-512")
    parser.add_argument("--processor", action="store_true", help="the processor's time, not the clock's")
    args = parser.parse_args()
    clock = time.process_time if args.processor else time.perf_counter
    if args.avx2 and any(os.environ.get(name) != value for name, value in AVX2.items()):
        with tempfile.TemporaryDirectory() as compiled:
            env = os.environ | AVX2 | {"XDG_CACHE_HOME": compiled}
            command = [sys.executable, "-m", "tests.bench.peers", *sys.argv[1:]]
            raise SystemExit(subprocess.run(command, env=env, check=False).returncode)
    names = args.preset or [one.name for one in presets()]
    about = machine(args.threads, args.rounds)
    table: dict[str, Any] = {}
    print(json.dumps(about, ensure_ascii=False))
    print("Milliseconds per training step and ratios: median (quarter – three quarters)\n")
    heads = (COMPILED, "NumPy alone", TORCH, FLOOR)
    ratios = ("torch / convviz", "torch / NumPy", "convviz / products")
    print(f"{'':<18}" + "".join(f"{head:>25}" for head in heads) + "".join(f"{head:>21}" for head in ratios))
    with threadpool_limits(limits=1, user_api="blas"):
        for name in names:
            row = table[name] = measure(preset(name), args.threads, args.rounds, clock)
            print(line(name, row), flush=True)
    if args.json:
        args.json.write_text(json.dumps({"machine": about, "presets": table}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
