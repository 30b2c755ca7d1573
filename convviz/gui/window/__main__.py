"""Run one workspace alone: ``python -m convviz.gui.window step [--preset NAME] [--dark] [--shot FILE]``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import QSettings

from convviz.data.sources import ImageSpec, builtin_for
from convviz.gui.alone import arguments, run_alone
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.registry import WORKSPACES
from convviz.storage.presets import preset, preset_names


def window(workspace: str, design: str, settings: QSettings) -> MainWindow:
    """Return a window with only this workspace and a real run."""
    made = MainWindow(settings, workspaces=[entry for entry in WORKSPACES if entry.title.lower() == workspace])
    made.start(preset(design), builtin_for(ImageSpec.of(preset(design))))
    return made


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("workspace", choices=[entry.title.lower() for entry in WORKSPACES])
    parser.add_argument("--preset", default="course-7x7", choices=preset_names())
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        raise SystemExit(run_alone(lambda: window(given.workspace, given.preset, settings), given))
