"""Designs are saved, opened, copied and pasted, and shown as code."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import DEEP
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QFileDialog

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D
from convviz.gui.widgets.messages.question import Answer
from convviz.gui.workspaces.builder.files.code_dialog import CodeDialog
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.designs import load_design, save_design, write_design


def test_that_saving_and_opening_give_the_same_design(build: BuildPage, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "mine.toml"
    build.set_design(DEEP)
    build.editor.set_layer_field(0, "filters", 9)
    assert build.files.mark() == "unsaved changes"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    assert build.files.save()
    assert load_design(path) == build.design()
    assert build.files.mark() == "mine.toml"
    assert build.files.recent.paths() == [path]

    build.editor.set_layer_field(0, "filters", 10)
    assert build.files.mark() == "mine.toml  ·  unsaved changes"
    build.undo_stack.undo()
    assert build.files.mark() == "mine.toml"

    saved = build.design()
    build.editor.open_preset("toy-4x4")
    assert build.files.mark() == ""
    assert build.files.open_path(path)
    assert build.design() == saved


def test_that_saving_after_a_preset_does_not_go_into_the_file_before(
    build: BuildPage, tmp_path: Path, monkeypatch
) -> None:
    path = tmp_path / "mine.toml"
    save_design(DEEP, path)
    build.files.open_path(path)
    build.editor.open_preset("toy-4x4")
    asked: list[bool] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (asked.append(True), ("", ""))[1])

    assert not build.files.save()
    assert asked
    assert load_design(path) == DEEP


@pytest.mark.parametrize("contents", ["", "format = 9", "format = 1\nlayers = 3", "format = 1\na = " + "[" * 5000])
def test_that_a_broken_file_gives_a_sentence_and_changes_nothing(
    build: BuildPage, tmp_path: Path, contents: str
) -> None:
    build.set_design(DEEP)
    path = tmp_path / "broken.toml"
    path.write_text(contents)

    assert not build.files.open_path(path)
    assert build.design() == DEEP
    assert build.undo_stack.count() == 0
    assert build.message.text().startswith("broken.toml: ")
    assert not build.message.isHidden()


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [
        (Answer.CANCEL, False),
        (Answer.DISCARD, True),
        (Answer.SAVE, True),
    ],
)
def test_that_unsaved_changes_are_asked_about(
    build: BuildPage, tmp_path: Path, monkeypatch, answer: Answer, goes_on: bool
) -> None:
    path = tmp_path / "mine.toml"
    save_design(DEEP, path)
    build.files.open_path(path)
    asked: list[bool] = []
    monkeypatch.setattr(build.files, "ask_about_changes", lambda: (asked.append(True), answer)[1])
    assert build.confirm_discard()
    assert not asked

    build.editor.set_layer_field(0, "filters", 9)
    assert build.confirm_discard() is goes_on
    assert asked
    assert (load_design(path) == build.design()) is (answer is Answer.SAVE)


def test_that_a_design_goes_over_the_clipboard_as_text(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.files.copy()
    text = QApplication.clipboard().text()
    assert text == write_design(DEEP)
    build.editor.open_preset("toy-4x4")
    assert build.files.paste()
    assert build.design() == DEEP

    QApplication.clipboard().setText("hello")
    assert not build.files.paste()
    assert build.design() == DEEP
    assert build.message.text().startswith("Nothing was pasted. The clipboard: ")


def test_that_a_new_design_keeps_the_images(build: BuildPage) -> None:
    build.set_design(replace(DEEP, input=Input(channels=3, height=32, width=32)))
    build.files.new()

    assert build.design().layers == ()
    assert build.design().input.channels == 3


def test_that_the_code_dialog_shows_copies_and_saves(build: BuildPage, qtbot, tmp_path: Path) -> None:
    dialog = CodeDialog(DEEP, tmp_path, build)
    for index, word in enumerate(("import torch", "import keras", "sliding_window_view")):
        dialog.kinds.button(index).click()
        assert not dialog.copy.isEnabled()  # not of what was shown before
        qtbot.waitUntil(lambda word=word: word in dialog.text.toPlainText(), timeout=10_000)
    dialog.copy.click()
    assert QApplication.clipboard().text() == dialog.text.toPlainText()
    dialog.save_to(tmp_path / "model.py")
    assert (tmp_path / "model.py").read_text() == dialog.text.toPlainText()
    dialog.save_to(tmp_path / "no" / "model.py")
    assert "expected a folder to write in" in dialog.message.text()
    for name in ("data.py", "model.py"):
        (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n")
        dialog.save_to(tmp_path / name)
        assert "or a script that convviz wrote to replace, got another HDF5 file" in dialog.message.text()
        assert (tmp_path / name).read_bytes() == b"\x89HDF\r\n\x1a\n"
    (tmp_path / "data.py").write_text("print(1)\n")
    dialog.save_to(tmp_path / "data.py")
    assert (tmp_path / "data.py").read_text() == "print(1)\n"
    dialog.close()


def test_that_the_code_dialog_saves_trained_weights_beside_the_code(build: BuildPage, qtbot, tmp_path: Path) -> None:
    saved: list[Path] = []
    untrained = CodeDialog(DEEP, tmp_path, build)
    assert untrained.with_weights.isHidden()
    qtbot.waitUntil(untrained.copy.isEnabled, timeout=10_000)
    assert "load_weights" not in untrained.text.toPlainText()
    untrained.close()

    dialog = CodeDialog(DEEP, tmp_path, build, save_weights=saved.append)
    qtbot.waitUntil(lambda: "load_weights" in dialog.text.toPlainText(), timeout=10_000)
    dialog.save_to(tmp_path / "mine.py")
    assert saved == [tmp_path / "mine.npz"]
    assert 'WEIGHTS = "mine.npz"' in (tmp_path / "mine.py").read_text()
    dialog.ending.set_value(".safetensors")
    dialog.save_to(tmp_path / "theirs.py")
    assert saved.pop() == tmp_path / "theirs.safetensors"
    assert "load_file" in (tmp_path / "theirs.py").read_text()
    dialog.ending.set_value(".npz")
    for name in ("mine.npz", "other.npz"):  # beside a script of ours, and beside none
        (tmp_path / name).write_text("notes")
        dialog.save_to((tmp_path / name).with_suffix(".py"))
        assert "or the weights of a script that convviz wrote to replace, got plain text" in dialog.message.text()
    assert not (tmp_path / "other.py").exists()
    dialog.save_to(tmp_path / "torch.py")
    assert "got that of a library" in dialog.message.text()
    dialog.with_weights.click()
    qtbot.waitUntil(dialog.copy.isEnabled, timeout=10_000)
    assert "load_weights" not in dialog.text.toPlainText()
    dialog.save_to(tmp_path / "bare.py")
    assert saved == [tmp_path / "mine.npz"]
    dialog.close()


def test_that_the_code_dialog_of_an_impossible_design_says_why(build: BuildPage, qtbot, tmp_path: Path) -> None:
    dialog = CodeDialog(Design(layers=(Conv2D(name="c", kernel=99),)), tmp_path, build)

    qtbot.waitUntil(lambda: "filter 99×99 is larger" in dialog.message.text(), timeout=10_000)
    assert not dialog.copy.isEnabled()
    dialog.close()
