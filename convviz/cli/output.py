"""Prints to a standard output that may fail: a full disk, a closed pipe, a terminal that lacks characters."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys

from convviz.core.errors import ConvvizError

__all__ = ["StdoutError", "flush", "print_out", "take_all_letters"]

PLAIN = {"×": "x", "…": "...", "–": "-", "−": "-", "·": ".", "→": "->", "“": '"', "”": '"', "’": "'"}
"""Replacements of our characters beyond ASCII, for terminals that don't have them."""
PLAINLY = "convviz-plain"


class StdoutError(ConvvizError):
    """Standard output can't be written."""


def take_all_letters() -> None:
    """Make standard output and standard error accept any text, by replacing characters that they can't encode."""
    codecs.register_error(PLAINLY, _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAINLY)


def print_out(text: str) -> None:
    """Print a line, and flush it.

    Raises
    ------
    BrokenPipeError
        The reader has closed the pipe.
    StdoutError
        It can't be written.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(error) from None


def flush() -> None:
    """Write buffered output; raises the same errors as :func:`print_out`."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(error) from None


def give_up() -> None:
    """Discard all further output, including what is buffered when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: OSError) -> StdoutError:
    return StdoutError(f"standard output can't be written: {error.strerror or error}")


def _plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    known = "".join(PLAIN.get(letter, letter) for letter in found)
    return known.encode("ascii", "backslashreplace").decode(), error.end
