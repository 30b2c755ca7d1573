"""What the window costs training, and how smooth it is: ``python -m tests.bench.live [--turns 3]``.

Every turn trains the same network without a window, then in one that is minimised, then with calm and with smooth
pictures, each time in a process of its own, so that what the machine does besides meets all alike. All of them have the
same kernels and images, leave the evaluation out, are recorded (a window does so by itself, ``convviz train`` with
``--record``) and are timed from three seconds of training on; ``unrecorded`` is the command without ``--record``. With
``--against PATH`` another checkout takes its turns in between. The window is started as a user does
(``convviz.gui.app.run``, then a click on Train).

Needs a screen: ``xvfb-run -s "-screen 0 1600x1000x24" python -m tests.bench.live --dataroot FILE``. Where others use
the machine too, give it most of the cores. Linux lets ``nice`` count only among the programs of one session where
``/proc/sys/kernel/sched_autogroup_enabled`` is 1. Then start a session for it, as root:
``setsid -w sh -c 'echo -20 > /proc/self/autogroup; xvfb-run … python -m tests.bench.live'``.

A window is measured twice: how fast training is, with nothing of this benchmark in the window's thread, and then how
smooth the window is, while a timer beats and a pointer moves.

What is printed, as the median of all turns:

ratio
    Minibatches a second, over those without a window, recorded, in the same turn.
train ms
    Processor time of the thread that trains, per minibatch: says more than the ratio where others use the machine.
p50, p99, max
    Of the gaps between two beats of a 10 ms timer in the window, in ms: how long it did not answer.
waited
    How much of the longest gap the window's thread waited for a core, in ms: other programs had them, or the trainer.
input
    From a synthetic hover or click to the end of its painting, in ms: 95 % took at most this long.
pictures/s
    Snapshots that reached the window.
thread
    Share of one processor core that the window's thread took.
cores
    Processor time of the whole process, in cores.
per core
    The ratio for equal processor time: what counts on a machine that others use too.
switches
    Voluntary context switches of the whole process, per minibatch.
memory
    With ``--minutes``: by how many per cent the process grew after its first minute.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.live import child

HERE = Path(__file__).resolve()
KINDS = ("headless", "hidden", "calm", "smooth", "unrecorded")
COLUMNS = (
    "steps/s", "ratio", "train ms", "per core", "p50", "p99", "max", "waited", "input", "pictures/s", "thread", "cores",
    "switches", "memory",
)  # fmt: skip
Figures = dict[str, Any]


def measured(kind: str, tree: Path, preset: str, size: str, args: argparse.Namespace) -> Figures:
    """Measure in a process of its own, with the code of a checkout."""
    with tempfile.TemporaryDirectory() as home:
        # This benchmark, with the other checkout's package.
        paths = os.pathsep.join([str(tree), str(HERE.parents[3])])
        folders = {"XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        env = {**os.environ, "PYTHONPATH": paths, **folders}
        command = [sys.executable, "-P", str(HERE), "--child", kind, "--seconds", str(args.seconds), "--preset", preset]
        command += ["--threads", str(args.threads), "--size", size, "--theme", args.theme]
        command += ["--minutes", str(args.minutes), *(["--no-input"] if args.no_input else [])]
        command += ["--all-views"] if args.all_views else []
        if args.dataroot:
            command += ["--dataroot", str(args.dataroot.resolve())]
        limit = 300 + 60 * args.minutes
        done = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"{kind} of {preset} in {tree} failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def line(name: str, figures: Figures) -> str:
    """A row of the table."""
    return f"{name:<34}" + "".join(f"{figures.get(one, float('nan')):11.2f}" for one in COLUMNS)


def turns_of(preset: str, size: str, trees: dict[str, Path], args: argparse.Namespace) -> None:
    """Measure one preset in a window of one size, and print."""
    print(f"\n{preset}, {size}\n{'':<34}" + "".join(f"{one:>11}" for one in COLUMNS))
    found: dict[str, list[Figures]] = {}
    for turn in range(1, args.turns + 1):
        for tree_name, tree in trees.items():
            alone = alone_a_core = 0.0
            for kind in args.kinds:
                figures = measured(kind, tree, preset, size, args)
                a_core = figures["steps/s"] / figures["cores"]
                alone, alone_a_core = alone or figures["steps/s"], alone_a_core or a_core
                figures["ratio"], figures["per core"] = figures["steps/s"] / alone, a_core / alone_a_core
                name = f"{tree_name} {kind}"
                found.setdefault(name, []).append(figures)
                print(line(f"{name} {turn}", figures), *figures.get("told", ()), sep="  ", flush=True)
    for name, turns in found.items():
        middle = {one: statistics.median(figures.get(one, float("nan")) for figures in turns) for one in COLUMNS}
        print(line(f"{name} median", middle), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of one measurement")
    parser.add_argument("--minutes", type=float, default=0.0, help="the same, for windows; memory is looked at")
    parser.add_argument("--threads", type=int, default=2, help="of the trainer")
    parser.add_argument("--preset", action="append", help="may be given several times")
    parser.add_argument("--size", action="append", help="of the window; may be given several times")
    parser.add_argument(
        "--kinds", type=lambda text: text.split(","), default=KINDS, help="also: bare, without pictures"
    )
    parser.add_argument("--theme", default="light")
    parser.add_argument("--all-views", action="store_true", help="with pinned numbers; 2240x1300 shows all cards")
    parser.add_argument("--no-input", action="store_true", help="no synthetic hover and clicks")
    parser.add_argument("--dataroot", type=Path, metavar="FILE", help="HDF5 file; without it the built-in digits")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout to measure in the same run")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        one: Any = argparse.Namespace(**{**vars(args), "preset": args.preset[0], "size": args.size[0]})
        child.main(args.child, one)
        return
    trees = {"this": HERE.parents[3]}
    if args.against:
        trees = {"against": args.against.resolve(), **trees}
    for tree in trees.values():
        measured("compile", tree, "course-7x7", "1440x900", args)
    for preset in args.preset or ["course-7x7"]:
        for size in args.size or ["1440x900"]:
            turns_of(preset, size, trees, args)


if __name__ == "__main__":
    main()
