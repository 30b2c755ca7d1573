"""``convviz sweep``: train a design with many settings, several runs at the same time, and record each run."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.choose import add_design_arguments, decided_flags, design_of
from convviz.cli.dataset import add_data_arguments, load
from convviz.cli.interruption import Interruption
from convviz.cli.output import print_out
from convviz.cli.sweep_output import SweepBar, result_lines, run_json
from convviz.cli.values import whole
from convviz.core.errors import DesignError
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.data.dataset import Dataset
    from convviz.sweeps.halving import Halving
    from convviz.sweeps.manifest import Manifest
    from convviz.sweeps.plan import PlannedRun, Sweep
    from convviz.sweeps.running import Where

SUMMARY = "train a network with many settings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_design_arguments(parser)
    what = parser.add_argument_group("what to try")
    what.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUES",
        help="a field of the design and what to try for it: a list (layers.conv1.filters=8,16,32), or a range "
        "(training.optimiser.lr=0.001..0.1:log:8, training.label_smoothing=0..0.2:3); may be given several times, and "
        "every combination is trained",
    )
    what.add_argument(
        "--seeds", type=whole(1, 1000), help="number of seeds to train every combination with (default 1)"
    )
    what.add_argument(
        "--random", type=whole(1, 10000), metavar="N", help="draw N combinations at random instead of trying all"
    )
    what.add_argument("--drawing", type=whole(0, 2**31), metavar="SEED", help="seed of that draw (default 0)")
    what.add_argument(
        "--halving",
        metavar="EPOCHS[:KEEP]",
        help="end the worse runs early: after EPOCHS, only the best one in KEEP (default 3) goes on, for KEEP times as "
        "many epochs, and so on",
    )
    what.add_argument(
        "--preview", action="store_true", help="only say how many runs there are and how long they will take"
    )
    keep = parser.add_argument_group("keep and go on")
    keep.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="a new folder, for one recording per run"
    )
    keep.add_argument(
        "--resume", action="store_true", help="go on with the sweep in that folder; finished runs are not repeated"
    )
    machine = parser.add_argument_group("machine")
    machine.add_argument(
        "--workers", type=whole(1, 1024), metavar="N", help="processes on this machine (default one per core)"
    )
    machine.add_argument(
        "--threads",
        type=whole(1, 256),
        metavar="N",
        help="threads of each worker (default the cores divided by the workers)",
    )
    machine.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="use the workers of a Dask scheduler: tcp://HOST:8786"
    )
    machine.add_argument(
        "--retries",
        type=whole(0, 100),
        default=2,
        metavar="N",
        help="how often to try a run again after its machine failed (default 2)",
    )
    add_data_arguments(parser)
    out = parser.add_argument_group("output")
    out.add_argument(
        "--json", action="store_true", help="print one JSON object per event, each on a line, and nothing else"
    )


def run(args: argparse.Namespace) -> int:
    """Sweep; errors of flags, data, folder or workers are raised as ``ConvvizError``."""
    gc.disable()  # nothing that is imported or opened before runs are trained could be freed anyway
    try:
        with StopAsked() as asked:
            return swept(args, asked)
    finally:
        gc.enable()


def swept(args: argparse.Namespace, asked: StopAsked) -> int:
    """Sweep; returns the exit code."""
    if not (args.resume or args.preview or args.scheduler):
        get_ready(args)
    from convviz.sweeps.running import Where, resume_sweep, start_sweep

    if args.scheduler and args.workers is not None:
        raise DesignError("--workers: expected no such flag with --scheduler, which knows its workers")
    where = Where(args.workers, args.threads, args.scheduler, args.retries)
    if args.resume:
        refuse_decided(args)
        data = load(args) if args.dataroot is not None else None
        gc.enable()
        with SweepBar(args.json) as bar:
            done = resume_sweep(args.out, where, data, on_event=bar.tell, stop=asked.look)
        return ended(args, done, asked.signals)
    wanted = sweep_of(args)
    if not args.preview:
        where.get_ready(wanted.design)
    say(args, f">>> Loading {args.dataroot or 'built-in images'} ...")
    dataset = load(args, wanted.design)
    preview(args, wanted, dataset, where)
    if args.preview:
        return 0
    dataroot = "" if args.dataroot is None else str(args.dataroot.resolve())
    gc.enable()
    with SweepBar(args.json) as bar:
        done = start_sweep(args.out, wanted, dataset, where, dataroot=dataroot, on_event=bar.tell, stop=asked.look)
    return ended(args, done, asked.signals)


def get_ready(args: argparse.Namespace) -> None:
    """Begin the preparation that workers wait for longest, before this process imports what the command needs."""
    from convviz.sweeps.warming import begin_with

    if args.design is not None:
        begin_with("file", str(args.design.absolute()))
    else:
        begin_with("preset", args.preset or "course-7x7")


class StopAsked:
    """Whether a signal has asked the sweep to stop; before the first :meth:`look`, it ends the command instead."""

    def __init__(self) -> None:
        self.signals = Interruption()
        self._heard = ExitStack()
        self._looks = False

    def __enter__(self) -> StopAsked:
        return self

    def __exit__(self, *_: object) -> None:
        self._heard.close()

    def look(self) -> bool:
        """Whether a signal has asked to stop; from now on they only ask."""
        if not self._looks:
            self._looks = True
            self._heard.enter_context(self.signals)
        return self.signals.asked


def sweep_of(args: argparse.Namespace) -> Sweep:
    """The sweep that the flags describe.

    Raises
    ------
    ConvvizError
        A flag makes no sense, or there is no such design.
    """
    from convviz.sweeps.errors import SweepError
    from convviz.sweeps.plan import Sweep
    from convviz.sweeps.values import read_axis

    design = design_of(args).named()
    try:
        axes = tuple(read_axis(design, text) for text in args.set)
    except SweepError as error:
        raise SweepError(f"--set {error}") from None
    return Sweep(design, axes, args.seeds or 1, args.random, args.drawing or 0, halving_of(args))


def halving_of(args: argparse.Namespace) -> Halving | None:
    """Successive halving, if it was asked for."""
    from convviz.sweeps.errors import SweepError
    from convviz.sweeps.halving import Halving

    if args.halving is None:
        return None
    first, _, keep = args.halving.partition(":")
    try:
        return Halving(int(first), int(keep) if keep else 3)
    except ValueError as error:
        if isinstance(error, SweepError):
            raise SweepError(f"--{error}") from None
        raise SweepError(f"--halving: expected EPOCHS or EPOCHS:KEEP, such as 1:3, got {args.halving!r}") from None


def refuse_decided(args: argparse.Namespace) -> None:
    """Refuse flags that the folder decides.

    Raises
    ------
    DesignError
    """
    given = [f"--{name}" for name in ("set", "seeds", "random", "drawing", "halving", "preview") if getattr(args, name)]
    refused = ", ".join(filter(None, [decided_flags(args), *given]))
    if refused:
        raise DesignError(f"{refused}: expected no such flag with --resume, which goes on with the sweep in --out")


def preview(args: argparse.Namespace, wanted: Sweep, data: Dataset, where: Where) -> None:
    """Say how many runs there are, which are impossible and, with ``--preview``, how long they will take.

    Only ``--preview`` estimates the time, because that takes a while; a sweep that has begun says itself how much time
    is left.
    """
    from convviz.machine import cores
    from convviz.sweeps.folder import check_new_folder
    from convviz.sweeps.running import plan

    runs = plan(wanted, data)
    check_new_folder(args.out, runs)
    possible = sum(not run.problem for run in runs)
    workers = where.workers or cores()
    told = {"event": "preview", "runs": possible, "impossible": len(runs) - possible, "workers": workers}
    words = f">>> {counted(possible, 'run')}"
    if args.preview:
        seconds, words_of_time = time_of(wanted, runs, data, where)
        told["seconds"] = round(seconds, 1)
        words += f", {words_of_time}"
    if args.json:
        print_out(json.dumps(told))
        return
    print_out(words)
    for sentence, count in impossible(runs).items():
        print_out(f">>> {count:,} {'is' if count == 1 else 'are'} impossible: {sentence}")


def time_of(wanted: Sweep, runs: tuple[PlannedRun, ...], data: Dataset, where: Where) -> tuple[float, str]:
    """How many seconds a sweep will take, as a number and in words."""
    from convviz.machine import cores
    from convviz.present.words import duration
    from convviz.sweeps.estimate import estimated

    workers = where.workers or cores()
    threads = where.threads or max(1, cores() // workers)
    images = len(data.y_train), len(data.y_test)
    seconds = estimated(runs, images, workers, threads, wanted.halving).wall_seconds
    on = "as on this machine" if where.scheduler else f"with {workers} {'worker' if workers == 1 else 'workers'}"
    few = " or less" if wanted.halving is not None else ""
    time = f"{max(1, round(seconds))} s" if seconds < 60 else duration(seconds)
    return seconds, f"about {time}{few} {on}"


def impossible(runs: tuple[PlannedRun, ...]) -> dict[str, int]:
    """Why runs can't be trained: each reason, and the number of runs that it applies to."""
    found: dict[str, int] = {}
    for one in runs:
        if one.problem:
            found[one.problem] = found.get(one.problem, 0) + 1
    return found


def ended(args: argparse.Namespace, done: Manifest, signals: Interruption) -> int:
    """Print the results, and what failed or is not done; returns the exit code."""
    if args.json:
        for one in done.runs:
            print_out(run_json(one, "result"))
    else:
        for text in result_lines(done):
            print_out(text)
    waiting = done.count("waiting")
    if waiting:
        with suppress(OSError):
            told = (
                f"{waiting:,} of {counted(len(done.runs), 'run')} "
                f"{'is' if waiting == 1 else 'are'} not done; --resume --out {args.out} goes on"
            )
            print(f"convviz sweep: {told}", file=sys.stderr)
        return signals.exit_code if signals.asked else 1
    failed = done.count("failed")
    if failed:
        with suppress(OSError):
            print(f"convviz sweep: {failed:,} of {counted(len(done.runs), 'run')} failed", file=sys.stderr)
        return 1
    return 0


def say(args: argparse.Namespace, text: str) -> None:
    """Print progress for a person; nothing with ``--json``."""
    if not args.json:
        print_out(text)
