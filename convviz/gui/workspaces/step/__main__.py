"""Run the Step workspace alone: ``python -m convviz.gui.workspaces.step [PRESET] [--dark] [--train N]``."""

from __future__ import annotations

import argparse
import sys

import numpy as np
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.widgets.status_line import StatusLine
from convviz.gui.workspaces.step.workspace import StepWorkspace
from convviz.present.step.toy import toy_images
from convviz.storage.presets import preset, preset_names
from convviz.training.make_pass import make_pass


def demo_pass(kind: str, train: int = 0):
    """Return design, weights, images, labels and a title."""
    if kind == "toy-4x4":
        images, labels = toy_images()
        return preset(kind), {}, images, labels, "toy-4x4"
    design: Design = preset(kind)
    try:
        from convviz.data.builtin import load_builtin

        data = load_builtin()
        images, labels = data.x_test, data.y_test
    except (OSError, ValueError, AttributeError):
        draw = np.random.default_rng(0)
        images, labels = draw.random((64, 1, 28, 28), dtype=np.float32), draw.integers(0, 10, 64)
    network = Network(design)
    arrays = dict(network.arrays)
    size = 32
    for number in range(train):
        first = number * size % (len(images) - size + 1)
        run = make_pass(design, arrays, images[first : first + size], labels[first : first + size])
        run.run_to_end()
        arrays |= {old: run.env[new] for old, new in run.program.updates.items()}
    return design, arrays, images, labels, "built-in digits"


def main() -> int:
    """Open the window."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", nargs="?", default="course-7x7", choices=preset_names())
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--train", type=int, default=40, help="minibatches to train before")
    args = parser.parse_args()
    app = QApplication(sys.argv[:1])
    theme = Theme(app, "dark" if args.dark else "light")
    window = QWidget()
    window.setWindowTitle("convviz · Step")
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    step = StepWorkspace(theme)
    line = StatusLine()
    step.statusChanged.connect(lambda text: line.set_status(text.split(" · ")))
    layout.addWidget(step, 1)
    layout.addWidget(line)
    design, arrays, images, labels, title = demo_pass(args.kind, args.train)
    step.set_pass_source(
        design, arrays, images, labels, title, "" if args.kind == "toy-4x4" else f"after {args.train} steps"
    )
    window.resize(1440, 900)
    window.show()
    step.setFocus()
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
