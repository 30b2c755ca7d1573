"""``convviz export``: a recorded run as plain HDF5; a network as a script, or as a file for another program."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.output import print_out
from convviz.core.errors import DesignError
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.api.run import Run
    from convviz.core.design import Design

SUMMARY = "write a recorded run as HDF5, or a network as code, ONNX, safetensors, NPZ or Keras weights"

FRAMEWORKS = ("numpy", "pytorch", "keras")
ENDINGS = (".npz", ".safetensors", ".weights.h5")
"""Listed here, so that reading flags needs no NumPy; a test compares them with the exporters."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="a recorded run (RUN.cvz) or a model (FILE.h5, FILE.onnx, FILE.keras); for code also a design (FILE.toml) "
        "or a preset's name",
    )
    parser.add_argument(
        "out",
        type=Path,
        metavar="OUT",
        help="the file to write: OUT.h5 for a recorded run; OUT.onnx, OUT.safetensors, OUT.npz or OUT.weights.h5 for a "
        "network with its weights; OUT.py for code, with OUT.npz beside it where there are trained weights",
    )
    parser.add_argument(
        "--framework", choices=FRAMEWORKS, help="framework of the code (default numpy); it needs that, but not convviz"
    )

    parser.add_argument(
        "--weights-as",
        choices=ENDINGS,
        help="what the code loads its trained weights from: .npz (default); for pytorch also .safetensors, for keras "
        ".weights.h5",
    )


def run(args: argparse.Namespace) -> int:
    """Export; errors of the files are raised as ``ConvvizError``."""
    if args.out.suffix == ".py":
        return export_code(args)
    for flag in ("framework", "weights_as"):
        if getattr(args, flag) is not None:
            words = f"--{flag.replace('_', '-')}: expected a file OUT.py to write code to, got {args.out}"
            raise DesignError(words)
    if args.out.name.lower().endswith((".onnx", *ENDINGS)):
        return export_model(args)
    return export_run(args)


def export_model(args: argparse.Namespace) -> int:
    """Write a network with its weights as a file for another program."""
    from convviz.api.code import state_of
    from convviz.core.design import Design
    from convviz.files.outputs import check_outputs
    from convviz.storage.model_files import model_output, save_model

    what = network_of(args.what)
    if isinstance(what, Design):
        raise DesignError(f"{args.what}: expected a network with its weights, got a design; train it first")
    check_outputs([model_output(args.out)], {"WHAT": Path(args.what)})
    state = state_of(what)
    save_model(args.out, state)
    print_out(f">>> {args.out}: {state.design.name} with its weights")
    return 0


def export_run(args: argparse.Namespace) -> int:
    """Write a recorded run as HDF5."""
    from convviz.files.outputs import check_outputs
    from convviz.storage.recording.export import export_output, export_recording
    from convviz.storage.recording.read import Recording

    path = Path(args.what)
    check_outputs([export_output(args.out)], {"the recording": path})
    with Recording(path) as recording:
        export_recording(recording, args.out)
        points, last = len(recording.key_points()), recording.last_step
    print_out(f">>> {args.out}: {counted(last, 'minibatch', 'minibatches')}, {counted(points, 'network')}")
    return 0


def export_code(args: argparse.Namespace) -> int:
    """Write a network as code."""
    from convviz.api import code
    from convviz.core.design import Design
    from convviz.files.outputs import check_outputs

    framework = args.framework or FRAMEWORKS[0]
    what = network_of(args.what)
    ending = args.weights_as or ENDINGS[0]
    outputs = code.code_outputs(args.out, with_weights=not isinstance(what, Design), weights=ending)
    check_outputs(outputs, {"WHAT": Path(args.what)} if Path(args.what).exists() else {})
    code.export_code(args.out, what, framework, weights=ending)
    words = f" with its weights in {outputs[1].path}" if len(outputs) > 1 else ", untrained"
    print_out(f">>> {args.out}: {what.design.name if not isinstance(what, Design) else what.name}{words}")
    return 0


def network_of(text: str) -> Design | Run:
    """What is to be written: the last network of a recorded run, a kept model, a design file or a preset.

    Raises
    ------
    DesignError, CheckpointError, RecordingError
        There is no such file or preset, or it can't be read.
    """
    from convviz.api.designs import load_design, preset, preset_names
    from convviz.api.recordings import open_run
    from convviz.api.run import load

    if text in preset_names():
        return preset(text)
    path = Path(text)
    if not path.exists():
        known = ", ".join(preset_names())
        raise DesignError(f"{text}: expected a recorded run, a kept model, a design, or one of {known}, found nothing")
    if path.suffix == ".toml":
        return load_design(path)
    if path.suffix == ".cvz":
        with open_run(path) as recorded:
            return recorded.at(recorded.last_step)
    return load(path)
