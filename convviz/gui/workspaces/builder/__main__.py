"""Run Build alone: ``python -m convviz.gui.workspaces.builder [--preset NAME] [--dark] [--shot FILE]``."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from convviz.data.builtin import load_builtin
from convviz.gui.alone import arguments, run_alone
from convviz.gui.workspaces.builder.workspace import BuildWorkspace
from convviz.present.design.data_facts import DataFacts
from convviz.storage.presets import preset, preset_names


def build(name: str) -> QWidget:
    """Return Build with a preset and the built-in digits."""
    made = BuildWorkspace()
    made.set_design(preset(name))
    digits = load_builtin()
    facts = DataFacts("built-in digits", len(digits.x_train), len(digits.x_test), (1, 28, 28), 10, digits.x_test[0])
    made.edited.set_data(facts)
    app = QCoreApplication.instance()
    assert app is not None
    app.aboutToQuit.connect(made.close_down)
    return made


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--preset", default="course-7x7", choices=preset_names())
    given = parser.parse_args()
    raise SystemExit(run_alone(lambda: build(given.preset), given))
