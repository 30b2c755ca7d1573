"""``convviz shot``: draw the window into PNG files, without a screen."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from convviz.cli.output import print_out
from convviz.cli.values import whole

SUMMARY = "draw the window into PNG files, without a screen"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "--out", type=Path, default=Path("shots"), metavar="DIR", help="folder for the files (default shots)"
    )
    parser.add_argument("--steps", type=whole(0, 100000), default=40, help="minibatches to train first (default 40)")
    parser.add_argument("--width", type=whole(900, 7680), default=1440, help="default 1440")
    parser.add_argument("--height", type=whole(600, 4320), default=900, help="default 900")
    parser.add_argument("--theme", choices=["light", "dark", "both"], default="both", help="default both")


def run(args: argparse.Namespace) -> int:
    """Draw the pictures and print their paths."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from convviz.gui.shots import take_shots

    themes = ("light", "dark") if args.theme == "both" else (args.theme,)
    for path in take_shots(args.out, steps=args.steps, size=(args.width, args.height), themes=themes):
        print_out(str(path))
    return 0
