"""``convviz shot`` replaces its own pictures, and nothing of the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QWidget

from convviz.__main__ import main
from convviz.files.errors import OutputError
from convviz.gui.shots import is_ours, save, take_shots


def picture(path: Path) -> None:
    Image.new("L", (2, 2)).save(path, "PNG")


def notes(path: Path) -> None:
    path.write_text("mine")


@pytest.mark.parametrize("made", [picture, notes])
@pytest.mark.parametrize("name", ["untrained_light.png", "data_dark.png", "watch_dark.png"])
def test_that_a_file_of_the_users_is_refused_before_anything_is_drawn(tmp_path: Path, made, name: str) -> None:
    made(tmp_path / name)
    before = (tmp_path / name).read_bytes()
    with pytest.raises(OutputError, match="or a picture that `convviz shot` wrote to replace, got "):
        next(take_shots(tmp_path, steps=1, size=(900, 600), themes=("light", "dark")))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: before}


def test_that_the_command_says_so_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes(tmp_path / "step_light.png")
    assert main(["shot", "--steps", "0", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_that_its_own_pictures_are_known(tmp_path: Path, qapp: QApplication, qtbot, theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    (path,) = save(qapp, page, tmp_path, "step", ("light",))
    assert is_ours(path)
    assert not is_ours(tmp_path / "none.png")
    picture(tmp_path / "mine.png")
    assert not is_ours(tmp_path / "mine.png")
