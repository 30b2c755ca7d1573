"""How time and memory grow: ``python -m tests.bench.growth [--json FILE] [--numpy]``.

One convolution, ReLU, 2×2 max pooling and a dense layer on colour images, trained in float32; one thing at a time
grows: the batch, the filters, the kernel, the side of the image up to 224×224×3. Every point is a process of its own,
so that its peak memory is its own. ``--numpy`` measures without compiled kernels.

    ms          a training step, median
    ms/image
    plan MB     what the plan holds: arrays between the steps, partial sums, gradients (``Plan.nbytes``)
    peak MB     the most that the process held, above what it held before the network was made
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from convviz.core import fast

BASE = {"batch": 16, "filters": 16, "kernel": 5, "side": 56}
POINTS = {
    "batch": (1, 4, 16, 64, 256),
    "filters": (4, 8, 16, 32, 64),
    "kernel": (1, 3, 5, 7, 11),
    "side": (28, 56, 112, 168, 224),
}


def point(batch: int, filters: int, kernel: int, side: int, threads: int, calls: int) -> dict[str, float]:
    """Measure one network in this process."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from convviz.core.design import Design, Input, Training
    from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
    from tests.bench.peers import convviz_step

    np.ones((64, 64), np.float32) @ np.ones((64, 64), np.float32)  # BLAS takes its own memory
    if fast.available():
        import convviz.core.fast.rewrite  # noqa: F401  so does numba
    before = held("VmHWM")
    design = Design(
        input=Input(channels=3, height=side, width=side),
        layers=(
            Conv2D(filters=filters, kernel=kernel, padding="same"),
            ReLU(),
            MaxPool2D(kernel=2),
            Flatten(),
            Dense(units=10),
        ),
        training=Training(batch_size=batch),
    )
    with threadpool_limits(limits=1, user_api="blas"):
        step, plan, trainer = convviz_step(design, threads, compiled=fast.available())
        times = []
        for number in range(calls + 2):
            started = time.perf_counter()
            step()
            if number >= 2:
                times.append(1e3 * (time.perf_counter() - started))
        trainer.close()
    return {
        "ms": round(statistics.median(times), 3),
        "ms/image": round(statistics.median(times) / batch, 4),
        "plan MB": round(plan.nbytes / 1e6, 1),
        "peak MB": round((held("VmHWM") - before) / 1e6, 1),
    }


def held(field: str) -> int:
    """Peak of the resident memory so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith(field))
        return 1024 * int(line.split()[1])
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measured(setting: dict[str, int], threads: int, calls: int, *, compiled: bool) -> dict[str, float]:
    """The same in a process of its own."""
    code = (
        "import json, sys; from tests.bench.growth import point; "
        f"print(json.dumps(point(**{setting!r}, threads={threads}, calls={calls})))"
    )
    environment = {**os.environ, fast.SWITCH: "1" if compiled else "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure every point and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--numpy", action="store_true", help="without compiled kernels")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    base = ", ".join(f"{name} {value}" for name, value in BASE.items())
    compiled = fast.available() and not args.numpy
    print(
        f"{'compiled kernels' if compiled else 'NumPy alone'}, {args.threads} threads; {base} unless said otherwise\n"
    )
    table: dict[str, dict[int, Any]] = {}
    for name, values in POINTS.items():
        print(f"{name:<10}{'ms':>10}{'ms/image':>12}{'plan MB':>10}{'peak MB':>10}")
        table[name] = {}
        for value in values:
            row = table[name][value] = measured({**BASE, name: value}, args.threads, args.calls, compiled=compiled)
            print(
                f"{value:<10}{row['ms']:>10.2f}{row['ms/image']:>12.3f}{row['plan MB']:>10.1f}{row['peak MB']:>10.1f}",
                flush=True,
            )
        print()
    if args.json:
        args.json.write_text(json.dumps({"base": BASE, "compiled": compiled, "points": table}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
