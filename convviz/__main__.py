"""The command line: ``convviz`` and ``python -m convviz``. Without a subcommand it opens the window."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import TYPE_CHECKING

from convviz import __version__
from convviz.core.errors import ConvvizError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["gui_main", "main"]

COMMANDS = {
    "train": "convviz.cli.train",
    "predict": "convviz.cli.predict",
    "presets": "convviz.cli.presets",
    "step": "convviz.cli.step",
    "shot": "convviz.cli.shot",
}
"""Subcommand → its module. Only the chosen one runs; none needs Qt to be importable but those that draw."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        The arguments after the program's name; ``None`` takes them from ``sys.argv``.

    Returns
    -------
    int
        The exit code: 0, 2 for bad input, 130 when it was interrupted.
    """
    args = build_parser().parse_args(argv)
    run = args.run if "run" in args else importlib.import_module("convviz.cli.window").run
    name = f"convviz {args.command}" if args.command else "convviz"
    try:
        return int(run(args))
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output is gone (`convviz train | head`): nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ConvvizError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2


def build_parser() -> argparse.ArgumentParser:
    """All subcommands and their flags."""
    parser = argparse.ArgumentParser(
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
