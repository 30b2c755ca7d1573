"""Run Build alone: ``python -m convviz.gui.workspaces.builder [--dark] [--preset NAME] [--shot FILE]``."""

from __future__ import annotations

import argparse
import sys

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from convviz.gui.theme import Theme
from convviz.gui.workspaces.builder.workspace import BuildWorkspace
from convviz.storage.presets import preset


def sample_image() -> np.ndarray:
    """A stand-in for an image of the data set: a ring with a bar, 28×28."""
    y, x = np.mgrid[0:28, 0:28].astype(np.float32)
    ring = np.exp(-(((np.hypot(x - 13.5, y - 10.5) - 5.5) / 1.4) ** 2))
    bar = np.exp(-(((x - 18.5 + (y - 10) * 0.25) / 1.5) ** 2)) * ((y > 9) & (y < 24))
    return np.clip(np.maximum(ring, bar), 0.0, 1.0).astype(np.float32)


def main() -> int:
    """Open the workspace in a window of its own, or draw it to a file."""
    parser = argparse.ArgumentParser(prog="python -m convviz.gui.workspaces.builder", description=__doc__)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--preset", default="course-7x7")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--shot", default="")
    given = parser.parse_args()
    app = QApplication(sys.argv[:1])
    theme = Theme(app, "dark" if given.dark else "light" if given.light else "system")
    workspace = BuildWorkspace(theme)
    workspace.setWindowTitle("convviz: Build")
    workspace.set_design(preset(given.preset))
    workspace.set_data("MNIST", 60_000, 10_000, (1, 28, 28), 10, sample_image())
    width, _, height = given.size.partition("x")
    workspace.resize(int(width), int(height))
    workspace.show()
    if given.shot:
        QTimer.singleShot(2500, lambda: (workspace.grab().save(given.shot), app.quit()))
    code = app.exec()
    workspace.close_down()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
