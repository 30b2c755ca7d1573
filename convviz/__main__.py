"""The command line: ``convviz`` and ``python -m convviz``. Without a subcommand it opens the window."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from convviz import __version__
from convviz.cli import output
from convviz.cli.interruption import Ending
from convviz.core.errors import ConvvizError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import SupportsWrite

__all__ = ["gui_main", "main"]

COMMANDS = {
    "train": "convviz.cli.train",
    "predict": "convviz.cli.predict",
    "probe": "convviz.cli.probe",
    "presets": "convviz.cli.presets",
    "step": "convviz.cli.step",
    "sweep": "convviz.cli.sweep",
    "runs": "convviz.cli.runs",
    "export": "convviz.cli.export",
    "data": "convviz.cli.data",
    "shot": "convviz.cli.shot",
}
"""Subcommand → its module. All are imported to declare their flags; only those that draw need Qt, and only to run."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        The arguments after the program's name; ``None`` takes them from ``sys.argv``.

    Returns
    -------
    int
        The exit code: 0 for success, 1 if the output can't be written, 2 for bad input, 128 plus the signal's number
        if a signal ended the command (Ctrl+C: 130).
    """
    output.take_all_letters()
    name, ending = "convviz", Ending()
    try:
        args = build_parser().parse_args(with_file(sys.argv[1:] if argv is None else argv))
        if args.command:
            name = f"convviz {args.command}"
            with ending:
                code = int(args.run(args))
        else:  # the window has its own answer to signals
            code = int(importlib.import_module("convviz.cli.window").run(args))
        output.flush()
    except KeyboardInterrupt:
        return refused(name, "interrupted", ending.exit_code)
    except BrokenPipeError:
        # The reader of our output is gone (`convviz train | head`): nothing is left to say, not even at exit.
        output.give_up()
        return 1
    except output.StdoutError as error:
        output.give_up()
        return refused(name, str(error), 1)
    except MemoryError:
        return refused(name, "there is not enough memory for this on this machine", 2)
    except ConvvizError as error:
        return refused(name, str(error), 2)
    return code


def with_file(argv: Sequence[str]) -> list[str]:
    """The arguments, with ``--open`` before a file that stands in place of a command: ``convviz run.cvz``."""
    found = list(argv)
    is_file = bool(found) and not found[0].startswith("-") and found[0] not in COMMANDS
    if is_file and (Path(found[0]).suffix or Path(found[0]).exists()):
        return ["--open", *found]
    return found


def refused(name: str, sentence: str, code: int) -> int:
    """Say why the command failed, if standard error is open; returns the exit code."""
    with contextlib.suppress(OSError):
        print(f"{name}: {sentence}", file=sys.stderr)
    return code


class Parser(argparse.ArgumentParser):
    """A parser whose help is printed like all other output: argparse would hide that it can't be written."""

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        if file is None:
            output.print_out(self.format_help().rstrip("\n"))
        else:
            super().print_help(file)


def build_parser() -> argparse.ArgumentParser:
    """All subcommands and their flags."""
    parser = Parser(
        prog="convviz",
        description="A desktop debugger for convolutions. Without a subcommand it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"convviz {__version__}")
    importlib.import_module("convviz.cli.window").add_arguments(parser)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="without a window")
    for name, where in COMMANDS.items():
        module = importlib.import_module(where)
        sub = subparsers.add_parser(name, help=module.SUMMARY, description=(module.__doc__ or "").replace("``", "`"))
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def gui_main() -> int:
    """Open the window without a terminal (the entry point of desktop launchers)."""
    return main([])


if __name__ == "__main__":
    sys.exit(main())
