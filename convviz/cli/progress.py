"""The output of training: a line per epoch, a log, and a progress bar on a terminal."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from convviz.cli.output import print_out
from convviz.core.errors import ConvvizError

if TYPE_CHECKING:
    from convviz.files.outputs import Output
    from convviz.storage.network_state import EpochMeasures
    from convviz.training.events import EpochDone, Event

COLUMNS = ("epoch", "loss", "train_accuracy", "test_accuracy", "seconds")


def row(epoch: int, measured: EpochDone | EpochMeasures, seconds: float) -> tuple[float, ...]:
    """The numbers of one epoch, in the order of ``COLUMNS``."""
    return epoch, measured.loss, measured.train_accuracy, measured.test_accuracy, round(seconds, 3)


def line(event: EpochDone, seconds: float, *, as_json: bool) -> str:
    """The line to print for one epoch."""
    if as_json:
        return json.dumps(dict(zip(COLUMNS, row(event.position.epoch, event, seconds), strict=True)))
    return (
        f"Epoch {event.position.epoch}, Loss = {event.loss}, Training Accuracy = {event.train_accuracy}, "
        f"Test Accuracy = {event.test_accuracy}"
    )


class Bar:
    """On a terminal, a progress bar with the time left; elsewhere, one line on stderr if kernels are compiled."""

    def __init__(self, *, shown: bool, done: int = 0) -> None:
        from tqdm import tqdm

        self._shown = shown
        self._has_said = False
        """Whether the line about kernels being compiled was printed."""
        self._bar = tqdm(
            initial=done,
            unit=" steps",
            dynamic_ncols=True,
            disable=not (shown and sys.stderr.isatty()),
            leave=False,
        )

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # the terminal was closed
            self._bar.close()

    def show(self, event: Event) -> None:
        """Move the bar."""
        from convviz.training.events import Compiling, Evaluating, MinibatchDone

        p = event.position
        if isinstance(event, Compiling):
            self.compiling(event.done, event.total)
            return
        self._bar.total = p.steps
        if isinstance(event, MinibatchDone):
            self._bar.update(p.step - self._bar.n)
            self._bar.set_description(f"epoch {p.epoch}/{p.epochs}, loss {event.loss:.4f}", refresh=False)
        elif isinstance(event, Evaluating):
            self._bar.set_description(f"epoch {p.epoch}, {event.split} {event.done:,}", refresh=False)

    def compiling(self, done: int, total: int) -> None:
        """Say why nothing moves yet: on a terminal kernel by kernel, elsewhere once."""
        from convviz.core.fast import not_kept
        from convviz.present.progress_words import compiling_words

        if not self._bar.disable:
            self._bar.set_description(f"{compiling_words()}: {done} of {total}")
        elif self._shown and not self._has_said:
            why = f", because they can't be kept: {not_kept()}" if not_kept() else ""
            print(f"{compiling_words()}{why} ...", file=sys.stderr, flush=True)
        self._has_said = True

    def tell(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.clear()
        print_out(text)
        self._bar.refresh()

    def warn(self, text: str) -> None:
        """Print a line on stderr, above the bar."""
        self._bar.clear()
        with suppress(OSError):  # nobody reads it
            print(f"convviz train: {text}", file=sys.stderr, flush=True)
        self._bar.refresh()


class LogError(ConvvizError):
    """The log file cannot be written."""


def log_output(path: Path) -> Output:
    """The output file of a log."""
    from convviz.files.outputs import Output
    from convviz.files.sniff import begins_with

    opening = ",".join(COLUMNS[:2]).encode()
    return Output(path, "a log of `convviz train`", partial(begins_with, opening=opening), "--log", stream=True)


class Log:
    """A CSV file with one row per epoch; nothing is written without a path.

    Raises
    ------
    LogError
        The file can't be opened for writing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        if path is not None:
            try:
                self._file = path.open("w", newline="", encoding="utf-8")
            except (OSError, ValueError) as error:
                raise self._error(error) from None
            self.write(COLUMNS)

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, values: tuple[object, ...]) -> None:
        """Append a row, and flush it.

        Raises
        ------
        LogError
            For example, the disk is full.
        """
        if self._file is None:
            return
        try:
            csv.writer(self._file).writerow(values)
            self._file.flush()
        except OSError as error:
            raise self._error(error) from None

    def _error(self, error: Exception) -> LogError:
        reason = getattr(error, "strerror", None) or error
        return LogError(f"--log {self._path}: expected a file that can be written, got: {reason}")
