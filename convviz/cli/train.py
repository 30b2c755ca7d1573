"""``convviz train``: train without a window, with the course original's flags."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from convviz.cli.choose import add_design_arguments, design_of
from convviz.cli.dataset import add_data_arguments, load
from convviz.cli.values import whole
from convviz.core.errors import ConvvizError

if TYPE_CHECKING:
    from convviz.core.design import Design
    from convviz.data.dataset import Dataset
    from convviz.training.events import EpochDone
    from convviz.training.trainer import Trainer

SUMMARY = "train a network without a window"
COLUMNS = ("epoch", "loss", "train_accuracy", "test_accuracy", "seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_design_arguments(parser)
    run = parser.add_argument_group("machine")
    run.add_argument("--threads", type=whole(1, 256), default=2, help="threads; the result is the same with any number")
    add_data_arguments(parser)
    out = parser.add_argument_group("output")
    out.add_argument("--log", type=Path, metavar="FILE.csv", help="write one row an epoch to this file")
    out.add_argument("--json", action="store_true", help="print one JSON object a line per epoch, and nothing else")


def run(args: argparse.Namespace) -> int:
    """Train; errors of the data, the design or the run rise as ``ConvvizError`` or ``ValueError``."""
    from convviz.core.lower import lower

    design = design_of(args)
    lower(design, 1)  # an impossible net is refused before any file is read
    log = open_log(args.log) if args.log else None
    try:
        say(args, f">>> Loading {args.dataroot or 'the built-in digits'} ...")
        dataset = load(args, design)
        say(args, f">>> Training {design.name} ...")
        train(args, design, dataset, log)
    finally:
        if log is not None:
            log.close()
    return 0


def train(args: argparse.Namespace, design: Design, dataset: Dataset, log: TextIO | None) -> None:
    """Run all epochs and tell of each."""
    from convviz.training.events import EpochDone
    from convviz.training.images import Split
    from convviz.training.trainer import Trainer

    splits = Split(dataset.x_train, dataset.y_train), Split(dataset.x_test, dataset.y_test)
    writer = csv.writer(log) if log is not None else None
    if writer is not None and log is not None:
        writer.writerow(COLUMNS)
        log.flush()
    with Trainer(design, *splits, threads=args.threads) as trainer, Bar(trainer, shown=not args.json) as bar:
        started = time.perf_counter()
        for event in trainer.run():
            if not isinstance(event, EpochDone):
                bar.show(event)
                continue
            seconds = time.perf_counter() - started
            bar.tell(line(event, seconds, as_json=args.json))
            if writer is not None and log is not None:
                writer.writerow(row(event, seconds))
                log.flush()


def row(event: EpochDone, seconds: float) -> tuple[float, ...]:
    """Numbers of one epoch, in the order of ``COLUMNS``."""
    return event.position.epoch, event.loss, event.train_accuracy, event.test_accuracy, round(seconds, 3)


def line(event: EpochDone, seconds: float, *, as_json: bool) -> str:
    """What is printed of one epoch."""
    if as_json:
        return json.dumps(dict(zip(COLUMNS, row(event, seconds), strict=True)))
    return (
        f"Epoch {event.position.epoch}, Loss = {event.loss}, Training Accuracy = {event.train_accuracy}, "
        f"Test Accuracy = {event.test_accuracy}"
    )


class Bar:
    """Progress bar with the time left on a terminal; nothing where the output is no terminal."""

    def __init__(self, trainer: Trainer, *, shown: bool) -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            total=trainer.position.steps,
            unit=" steps",
            dynamic_ncols=True,
            disable=not (shown and sys.stderr.isatty()),
            leave=False,
        )

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, event: object) -> None:
        """Move the bar."""
        from convviz.training.events import Evaluating, MinibatchDone

        if isinstance(event, MinibatchDone):
            p = event.position
            self._bar.update(p.step - self._bar.n)
            self._bar.set_description(f"epoch {p.epoch}/{p.epochs}, loss {event.loss:.4f}", refresh=False)
        elif isinstance(event, Evaluating):
            self._bar.set_description(f"epoch {event.position.epoch}, {event.split} {event.done:,}", refresh=False)

    def tell(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.clear()
        print(text, flush=True)
        self._bar.refresh()


class LogError(ConvvizError):
    """The log file cannot be written."""


def open_log(path: Path) -> TextIO:
    """The log file, open for writing.

    Raises
    ------
    LogError
    """
    try:
        return path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise LogError(f"--log {path}: expected a file that can be written, got: {error.strerror}") from None


def say(args: argparse.Namespace, text: str) -> None:
    """Tell a person what goes on; nothing with ``--json``."""
    if not args.json:
        print(text, flush=True)
