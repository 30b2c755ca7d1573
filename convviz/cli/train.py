"""``convviz train``: train without a window, with the course original's flags."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.breaks import HELD_EXIT_CODE, Hits, add_breakpoint_arguments, breakpoints_of
from convviz.cli.choose import add_design_arguments, decided_flags, design_of
from convviz.cli.dataset import add_data_arguments, inputs_of, load
from convviz.cli.interruption import Interruption
from convviz.cli.output import print_out
from convviz.cli.progress import Bar, Log, line, log_output, row
from convviz.cli.trouble import Trouble
from convviz.cli.values import whole
from convviz.cli.weights import add_weights_arguments, network_with, refuse_partly_alone
from convviz.core.errors import ConvvizError, DesignError
from convviz.plurals import capital
from convviz.present.words import all_done
from convviz.storage.errors import CheckpointError

if TYPE_CHECKING:
    from convviz.api.run import Run
    from convviz.core.design import Design
    from convviz.core.network import Network
    from convviz.data.dataset import Dataset
    from convviz.run.breakpoints.condition import Breakpoint, Hit
    from convviz.training.events import Event

SUMMARY = "train a network without a window"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_design_arguments(parser)
    add_weights_arguments(parser.add_argument_group("weights"), "--preset or --design")
    keep = parser.add_argument_group("keep and go on")
    keep.add_argument(
        "--save",
        type=Path,
        metavar="FILE.h5",
        help="keep network and run in this file after every epoch, and when interrupted (Ctrl+C, SIGTERM, SIGHUP); a "
        "name that ends in .npz keeps the weights alone, for NumPy",
    )
    keep.add_argument(
        "--resume",
        type=Path,
        metavar="FILE.h5",
        help="go on with a kept run as if it had never stopped, and keep it in the same file unless --save names "
        "another one; of the flags above only --epochs may be given, for more epochs in all",
    )
    keep.add_argument(
        "--record",
        type=Path,
        metavar="RUN.cvz",
        help="record every minibatch in this file, so that any of them can be replayed and stepped through later: in "
        "the window, or with convviz.open_run; a recording that is there is replaced, unless --resume goes on with it",
    )
    add_breakpoint_arguments(parser)
    run = parser.add_argument_group("machine")
    run.add_argument("--threads", type=whole(1, 256), default=2, help="threads; the result is the same with any number")
    add_data_arguments(parser)
    out = parser.add_argument_group("output")
    out.add_argument("--log", type=Path, metavar="FILE.csv", help="write one row per epoch to this file")
    out.add_argument(
        "--json", action="store_true", help="print one JSON object per epoch, each on a line, and nothing else"
    )


def run(args: argparse.Namespace) -> int:
    """Train; errors of the data, the design, the files or the run are raised as ``ConvvizError``."""
    from convviz.storage.model_files import can_go_on
    from convviz.training.room import check_room_to_train

    # Everything that can fail early is checked before the data is read.
    before = resumed(args) if args.resume is not None else None
    design = before.design if before is not None else design_of(args)
    refuse_partly_alone(args)
    check_room_to_train(design, args.threads)
    start = before or (network_with(args, design) if args.weights is not None else design)
    points = breakpoints_of(args, design)
    save_to = args.save or args.resume
    check_files(args, save_to)
    if before is not None and before.finished:
        say(args, f">>> {capital(all_done(design.training.epochs, str(args.resume)))}; --epochs asks for more")
        return 0
    say(args, f">>> Loading {args.dataroot or 'built-in images'} ...")
    dataset = load(args, design)
    say(args, f">>> {'Training' if before is None else f'Going on {place_words(before)} with'} {design.name} ...")
    hits = Hits(args.json)
    with Log(args.log) as log, Interruption(heard=save_to is not None or args.record is not None) as signals:
        done = trained(args, start, dataset, log, save_to, signals, points, hits)
    if hits.has_held:
        kept = f"; kept in {save_to} as it was before the update" if save_to is not None else ""
        with suppress(OSError):
            print(f"convviz train: held {place_words(done)}{kept}", file=sys.stderr)
        return HELD_EXIT_CODE
    if not done.finished:
        told = f"interrupted {place_words(done)}; kept in {save_to or args.record}"
        if save_to is not None and can_go_on(save_to):
            told += f", and --resume {save_to} goes on"
        elif save_to is None:
            told += f", and `convviz {args.record}` opens it"
        with suppress(OSError):  # the terminal may be closed
            print(f"convviz train: {told}", file=sys.stderr)
        return signals.exit_code
    return 0


def check_files(args: argparse.Namespace, save_to: Path | None) -> None:
    """Refuse output files that can't be written, are also inputs, or are of another kind.

    Raises
    ------
    OutputError
    """
    from convviz.files.outputs import check_outputs
    from convviz.storage.model_files import model_output
    from convviz.storage.recording.copying import recording_output

    outputs = []
    if save_to is not None:
        flag = "--save" if args.save is not None else "--resume"
        outputs.append(model_output(save_to, flag=flag, replaces="--resume"))
    if args.log is not None:
        outputs.append(log_output(args.log))
    if args.record is not None:
        outputs.append(recording_output(args.record, "--record"))
    check_outputs(outputs, inputs_of(args, "dataroot", "design", "resume", "weights"))


def resumed(args: argparse.Namespace) -> Run:
    """The run to continue.

    Raises
    ------
    CheckpointError
        The file can't be read.
    DesignError
        Flags conflict with the file.
    """
    from convviz.api.run import load as load_run

    epochs = args.epochs
    refused = ", ".join(
        [*filter(None, [decided_flags(args, but=("epochs",))]), *(["--weights"] if args.weights is not None else [])]
    )
    if refused:
        raise DesignError(
            f"{refused}: expected no such flag with --resume, which goes on with the network and settings in the file; "
            "only --epochs may be given"
        )
    found = load_run(args.resume)
    if found.state.weights_only:
        raise CheckpointError(f"{args.resume}: expected a checkpoint to go on with, got a file of weights alone")
    if epochs is None:
        return found
    if epochs < found.place.epoch:
        raise DesignError(
            f"--epochs: expected at least {found.place.epoch}, where {args.resume} stands, got {epochs}",
            field="epochs",
        )
    return found.with_epochs(epochs)


def trained(
    args: argparse.Namespace,
    what: Design | Network | Run,
    dataset: Dataset,
    log: Log,
    save_to: Path | None,
    signals: Interruption,
    points: Sequence[Breakpoint],
    hits: Hits,
) -> Run:
    """Train and print every epoch; if printing fails, the run ends as if it were interrupted."""
    from convviz.api.run import Run
    from convviz.api.training import OtherDataError, train
    from convviz.core.design import Design
    from convviz.run.breakpoints.condition import Hit
    from convviz.training.events import Compiling, EpochDone

    steps, seconds = 0, 0.0
    if isinstance(what, Run):
        for epoch, measured in enumerate(what.history, 1):
            log.write(row(epoch, measured, measured.seconds))
        steps, seconds = what.place.step, what.seconds
    output_errors: list[Exception] = []
    """The error that ended printing, if there was one."""
    with Bar(shown=not args.json, done=steps) as bar:
        began = time.perf_counter() - seconds
        trouble = Trouble(bar.warn, what if isinstance(what, Design) else what.design)

        def tell(event: Event | Hit) -> None:
            nonlocal began
            if isinstance(event, Hit):
                hits.tell(event, bar)
                return
            if isinstance(event, Compiling):
                began = time.perf_counter() - seconds  # that was no training yet
            if not isinstance(event, EpochDone):
                bar.show(event)
                return
            passed = time.perf_counter() - began
            log.write(row(event.position.epoch, event, passed))
            bar.tell(line(event, passed, as_json=args.json))
            trouble.epoch_done(event)

        def try_to_tell(event: Event | Hit) -> None:
            try:
                tell(event)
            except (OSError, ConvvizError) as error:
                output_errors.append(error)

        def stop() -> bool:
            return signals.asked or bool(output_errors)

        try:
            with told_on_stderr():
                done = train(
                    what,
                    dataset,
                    on_event=try_to_tell,
                    on_layers=trouble.layers_judged,
                    stop=stop,
                    save_to=save_to,
                    record=args.record,
                    breakpoints=points,
                    threads=args.threads,
                )
        except OtherDataError as error:
            hint = "" if args.dataroot is not None else "; --dataroot names the file"
            raise OtherDataError(f"{args.resume}: {error}{hint}") from None
        trouble.end()
    if output_errors and not signals.asked:
        raise output_errors[0]
    return done


@contextmanager
def told_on_stderr() -> Iterator[None]:
    """Inside the block, print the warning that a run goes on unrecorded as one line on stderr."""
    from convviz.api.training import RecordingWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", RecordingWarning)
        warnings.showwarning = lambda message, *_: print(f"convviz train: {message}", file=sys.stderr)
        yield


def place_words(run: Run) -> str:
    """``after epoch 2``, ``in epoch 3 after 12 minibatches``."""
    s = run.place
    if s.evaluated == s.epoch:
        return f"after epoch {s.epoch}"
    return f"in epoch {s.epoch} after {s.minibatch} {'minibatch' if s.minibatch == 1 else 'minibatches'}"


def say(args: argparse.Namespace, text: str) -> None:
    """Print progress for a person; nothing with ``--json``."""
    if not args.json:
        print_out(text)
