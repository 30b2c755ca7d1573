"""``convviz export``: write a recorded run as plain HDF5, for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from convviz.cli.output import print_out

SUMMARY = "write a recorded run as HDF5"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("run_file", type=Path, metavar="RUN.cvz", help="a recorded run")
    parser.add_argument("out", type=Path, metavar="OUT.h5", help="the HDF5 file to write")


def run(args: argparse.Namespace) -> int:
    """Export; errors of the files are raised as ``ConvvizError``."""
    from convviz.files.outputs import check_outputs
    from convviz.storage.recording.export import export_output, export_recording
    from convviz.storage.recording.read import Recording

    check_outputs([export_output(args.out)], {"the recording": args.run_file})
    with Recording(args.run_file) as recording:
        export_recording(recording, args.out)
        points, last = len(recording.key_points()), recording.last_step
    print_out(f">>> {args.out}: {last:,} minibatches, {points:,} networks")
    return 0
