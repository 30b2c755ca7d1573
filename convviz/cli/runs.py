"""``convviz runs``: list the runs that the window has recorded by itself, or those in another folder."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.output import print_out

if TYPE_CHECKING:
    from convviz.storage.recording.catalogue import ListedRun

SUMMARY = "list recorded runs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "folder", type=Path, nargs="?", help="folder with recordings; unless given, where the window records"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object per run, each on a line, and nothing else"
    )


def run(args: argparse.Namespace) -> int:
    """List the runs, the newest first.

    Raises
    ------
    RecordingError
        The argument is not a folder.
    """
    from convviz.files.sniff import what_is_there
    from convviz.paths import user_folder
    from convviz.storage.recording.errors import RecordingError
    from convviz.storage.recording.folder import RecordingsFolder

    if args.folder is not None and not args.folder.is_dir():
        raise RecordingError(f"{args.folder}: expected a folder with recordings, {what_is_there(args.folder)}")
    folder = RecordingsFolder(args.folder or user_folder("runs"))
    runs = folder.runs()
    for one in runs:
        print_out(as_json(one) if args.json else line(one))
    if not runs and not args.json:
        print_out(f"no recorded runs in {folder.path}")
    return 0


def as_json(run: ListedRun) -> str:
    """One run as a JSON object, without its design and its curve, which are in its file."""
    import msgspec  # the window's first paint does not wait for it

    kept = (one.name for one in fields(run) if one.name not in ("design", "losses"))
    return msgspec.json.encode({name: getattr(run, name) for name in kept}, enc_hook=str).decode()


def line(run: ListedRun) -> str:
    """The line to print for one run."""
    if run.problem:
        return f"{run.nbytes / 1e6:6,.1f} MB  {run.problem}"
    accuracy = "" if run.accuracy is None else f", test accuracy {run.accuracy:.4f}"
    when = run.created[:16].replace("T", " ")
    return (
        f"{run.nbytes / 1e6:6,.1f} MB  {when}  {run.name} on {run.data_name}: "
        f"{run.ended} at step {run.step:,} of {run.steps:,}{accuracy}  {run.path}"
    )
