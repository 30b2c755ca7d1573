"""Settings that are damaged, or no settings at all, are put aside: the window opens as at the first start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from convviz.gui import app
from convviz.gui.files.recent import MODELS, RecentFiles
from convviz.gui.window.main_window import MainWindow

PUT_ASIDE: dict[str, Callable[[Path], object]] = {
    "bytes": lambda file: file.write_bytes(bytes(range(256)) * 20),
    "zeros": lambda file: file.write_bytes(bytes(4096)),
    "an object": lambda file: file.write_text("[window]\ngeometry=@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\fPyObject\\0)\n"),
    "a folder": lambda file: file.mkdir(),
    "large": lambda file: file.write_text("[window]\n" + "a=1\n" * 300_000),
}
if hasattr(os, "mkfifo"):
    PUT_ASIDE["a pipe"] = os.mkfifo
WRONG = {
    "numbers": "[window]\ngeometry=5\ntheme=7\n[models]\nrecent=3\n[data]\nfolder=9\nrecent=@Invalid()\n",
    "other types": "[window]\ngeometry=@Size(3 4)\ntheme=@Rect(1 2 3 4)\n[models]\nrecent=@Point(1 2)\n",
    "half a geometry": "[window]\ngeometry=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3)\n",
    "no settings": "once upon a time\n=\n[[[\n%%%=@ByteArray(\n",
    "impossible paths": "[models]\nrecent=a\\0b, /root/\\x1/x\n",
}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Where the settings are."""
    ini, user = QSettings.Format.IniFormat, QSettings.Scope.UserScope
    before = Path(QSettings(ini, user, "convviz", "none").fileName()).parents[1]
    (tmp_path / "convviz").mkdir()
    QSettings.setPath(ini, user, str(tmp_path))
    yield tmp_path / "convviz" / "convviz.ini"
    QSettings.setPath(ini, user, str(before))


@pytest.mark.parametrize("case", PUT_ASIDE)
def test_that_what_is_no_settings_file_is_put_aside(file: Path, case: str) -> None:
    PUT_ASIDE[case](file)
    stored = app.settings()
    assert stored.allKeys() == []
    assert file.with_name("convviz.ini.damaged").exists()
    stored.setValue("window/theme", "dark")
    stored.sync()
    assert app.settings().value("window/theme") == "dark"


@pytest.mark.parametrize("case", WRONG)
def test_that_the_window_opens_whatever_the_settings_hold(qtbot, theme, file: Path, case: str) -> None:
    file.write_text(WRONG[case])
    window = MainWindow(app.settings())
    qtbot.addWidget(window)
    window.show()
    assert window.size().width() >= 900
    assert RecentFiles(app.settings(), MODELS).paths() == []
    window.close()


def test_that_a_recent_file_that_may_not_be_looked_at_is_left_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recent = RecentFiles(app.settings(), MODELS)
    file.with_name("model.h5").touch()
    recent.add(file.with_name("model.h5"))
    assert recent.paths() == [file.with_name("model.h5")]

    def denied(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", denied)
    assert recent.paths() == []
