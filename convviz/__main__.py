"""The command line: ``convviz`` and ``python -m convviz``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from convviz import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["gui_main", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        The arguments after the program's name; ``None`` takes them from ``sys.argv``.

    Returns
    -------
    int
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="convviz", description="A desktop debugger for convolutions.")
    parser.add_argument("--version", action="version", version=f"convviz {__version__}")
    parser.parse_args(argv)
    return 0


def gui_main() -> int:
    """Open the window without a terminal (the entry point of desktop launchers)."""
    return main([])


if __name__ == "__main__":
    sys.exit(main())
