"""What the window costs training, and how smooth it is: ``python -m tests.bench.live [--rounds 12]``.

The same network is trained without a window, in one that is minimised, and in ones with calm and with smooth pictures,
each in a process of its own. All of them are there at the same time, but one runs at a time, for a second or two, then
the next: a machine may be half as fast for half a minute, and that meets all alike. Python's clocks stand still in a
process that is stopped. A round begins without a window, and so does the next; a way to train is compared with the
mean of these two, and not at all if they differ by more than a tenth: then the machine changed in between.

All of them have the same kernels and images, leave the evaluation out, are recorded (a window does so by itself,
``convviz train`` with ``--record``) and are looked at from three seconds of training on; ``unrecorded`` is the command
without ``--record``. With ``--against PATH`` another checkout's processes take their turns in between. The window is
started as a user does (``convviz.gui.app.run``, then a click on Train).

Needs Linux and a screen: ``xvfb-run -s "-screen 0 1600x1000x24" python -m tests.bench.live --dataroot FILE``. Where
others use the machine too, give it most of the cores. Linux lets ``nice`` count only among the programs of one session
where ``/proc/sys/kernel/sched_autogroup_enabled`` is 1. Then start a session for it, as root:
``setsid -w sh -c 'echo -20 > /proc/self/autogroup; xvfb-run … python -m tests.bench.live'``.

A window is measured twice: how fast training is, with next to nothing of this benchmark in the window's thread, and
then, alone, how smooth the window is, while a timer beats and a pointer moves.

ratio
    Minibatches a second, over those without a window, recorded, of the same checkout: the mean of the middle half of
    the rounds that count.
q1, q3
    The quartiles of that ratio.
rounds
    How many count.
train ms
    Processor time of the thread that trains, per minibatch.
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
switches
    Voluntary context switches of the whole process, per minibatch.
memory
    With ``--minutes``: by how many per cent the process grew after its first minute.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.bench.live import child
from tests.bench.live.process import PROGRAM, ROOT, Process, environment

KINDS = ("headless", "hidden", "calm", "smooth", "unrecorded")
DRAWN = ("calm", "smooth")
COLUMNS = (
    "steps/s", "ratio", "q1", "q3", "rounds", "train ms", "p50", "p99", "max", "waited", "input", "pictures/s",
    "thread", "cores", "switches", "memory",
)  # fmt: skip
ADAPT = 2.0
"""Seconds that each has alone before the rounds: they all began at the same time."""
MINIBATCHES = 60
"""At least so many are looked at in a turn."""
STEADY = 0.1
"""By how much two rounds' speeds without a window may differ."""
Figures = dict[str, float]
Name = tuple[str, str]
"""Checkout and kind."""


def options_of(preset: str, size: str, args: argparse.Namespace) -> list[str]:
    """Of a child's command line."""
    options = ["--preset", preset, "--size", size, "--seconds", str(args.seconds), "--threads", str(args.threads)]
    options += ["--theme", args.theme, "--minutes", str(args.minutes)]
    options += ["--no-input"] if args.no_input else []
    options += ["--all-views"] if args.all_views else []
    return options + (["--dataroot", str(args.dataroot.resolve())] if args.dataroot else [])


def line(name: Name, figures: dict[str, Any]) -> str:
    """A row of the table."""
    return f"{' '.join(name):<20}" + "".join(f"{figures.get(one, float('nan')):11.2f}" for one in COLUMNS)


def compared(name: Name, rounds: list[dict[Name, Figures]]) -> Figures:
    """The mean over the rounds that count, with the ratio to the training without a window."""
    alone = (name[0], "headless")
    counted = []
    for one, following in pairwise(rounds):
        first, second = one[alone]["steps/s"], following[alone]["steps/s"]
        if abs(first - second) <= STEADY * min(first, second):
            counted.append(one[name] | {"ratio": one[name]["steps/s"] / statistics.mean((first, second))})
    if name == alone:
        counted = [one | {"ratio": 1.0} for one in counted]
    if not counted:
        return {"rounds": 0.0}
    found = {key: statistics.mean(one[key] for one in counted) for key in counted[0]}
    ratios = sorted(one["ratio"] for one in counted)
    q1, _, q3 = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else 3 * ratios
    middle = [one for one in ratios if q1 <= one <= q3] or ratios
    return found | {"ratio": statistics.mean(middle), "q1": q1, "q3": q3, "rounds": len(counted)}


def measure(preset: str, size: str, trees: dict[str, Path], args: argparse.Namespace) -> None:
    """Measure one preset in a window of one size, and print."""
    print(f"\n{preset}, {size}\n{'':<20}" + "".join(f"{one:>11}" for one in COLUMNS), flush=True)
    with ExitStack() as stack:
        processes: dict[Name, Process] = {}
        for tree_name, tree in trees.items():
            for kind in args.kinds:
                processes[tree_name, kind] = one = Process(kind, tree, options_of(preset, size, args))
                stack.callback(one.close)
        for one in processes.values():
            one.get_ready()
        speeds = {name: one.run(ADAPT)["steps/s"] for name, one in processes.items()}
        seconds = max(args.slice, MINIBATCHES / max(min(speeds.values()), 1e-9))
        rounds: list[dict[Name, Figures]] = []
        if "headless" in args.kinds:
            rounds = [{name: one.run(seconds) for name, one in processes.items()} for _ in range(args.rounds + 1)]
        for name, one in processes.items():
            figures: dict[str, Any] = compared(name, rounds) if rounds else {}
            if name[1] in DRAWN:
                figures |= one.smoothness()
            print(line(name, figures), *figures.get("told", ()), sep="  ", flush=True)


def compile_kernels(tree: Path, args: argparse.Namespace) -> None:
    """Have the kernels of a checkout compiled, so that no process does it beside another's training."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-P", str(PROGRAM), "--child", "compile"]
        options = options_of("course-7x7", "1440x900", args)
        env = environment(tree, Path(home))
        subprocess.run([*command, *options], cwd=home, env=env, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--slice", type=float, default=1.5, help="seconds that one trains at a time, at least")
    parser.add_argument("--seconds", type=float, default=12.0, help="that are looked at how smooth a window is")
    parser.add_argument("--minutes", type=float, default=0.0, help="the same; memory is looked at too")
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
    parser.add_argument("--board", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        one: Any = argparse.Namespace(**{**vars(args), "preset": args.preset[0], "size": args.size[0]})
        child.main(args.child, one)
        return
    trees = {"this": ROOT}
    if args.against:
        trees = {"against": args.against.resolve(), **trees}
    for tree in trees.values():
        compile_kernels(tree, args)
    for preset in args.preset or ["course-7x7"]:
        for size in args.size or ["1440x900"]:
            measure(preset, size, trees, args)


if __name__ == "__main__":
    main()
