"""Nothing trained is lost: it is kept by itself, comes back at a press, and is offered at the next start."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QPushButton
from shared_window import SharedWindow, settle
from small_run import DESIGN, noise_data
from whole_window import BUILD, FIRST_FOUR, WATCH, WholeWindow

from convviz.api.run import load
from convviz.core.design import Training
from convviz.data.write_hdf5 import save_hdf5
from convviz.gui.files.design_files import DesignFiles
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.widgets.messages.question import Answer
from convviz.run.commands import StepMinibatch
from convviz.run.state import State
from convviz.storage.last_session import SessionFolder
from convviz.storage.presets import preset

LONG = replace(DESIGN, training=Training(batch_size=16, epochs=9000)).named()


@pytest.fixture
def kept(shared_window: SharedWindow) -> SessionFolder:
    return SessionFolder(shared_window.kept)


def steps(qtbot, window: WholeWindow, count: int) -> None:
    for _ in range(count):
        before = window.run.position.step
        qtbot.keyClick(window, Qt.Key.Key_F6)
        qtbot.waitUntil(lambda before=before: window.run.position.step == before + 1, timeout=40000)
        qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    if window.stack.currentIndex() == WATCH:
        qtbot.waitUntil(lambda: window.watch.look.moment.position.step == window.run.position.step)


def says(qtbot, window: WholeWindow, words: str) -> str:
    qtbot.waitUntil(lambda: window.message.isVisible() and words in window.message.text(), timeout=10000)
    return window.message.text()


def click(qtbot, window: WholeWindow, word: str) -> None:
    found = [one for one in window.message.findChildren(QPushButton) if one.isVisible() and one.text() == word]
    qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)


def in_file(kept: SessionFolder, step: int) -> Callable[[], bool]:
    """Whether the newest kept network is at a step."""

    def is_it() -> bool:
        found = kept.networks()
        return bool(found) and load(found[0]).place.step == step

    return is_it


def weight(window: WholeWindow) -> np.ndarray:
    return window.seen("conv1.weight")


def open_other_data(window: WholeWindow) -> None:
    window.follower.open(window.edited.design, noise_data(seed=5, name="other noise"))


def restart(window: WholeWindow) -> None:
    window.edited.document.edit(LONG, "epochs")
    settings = window.edited.design.training
    window.edited.document.edit(replace(LONG, training=replace(settings, batch_size=8)), "batch size")
    window.top.restartPressed.emit()


def train_anew(window: WholeWindow) -> None:
    window.top.stopPressed.emit()
    window.follower.begin()


def fill_disk(monkeypatch) -> None:
    def refuse(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SessionFolder, "place_for", refuse)


ENDINGS = {"another data set": open_other_data, "restart with edits": restart, "train anew": train_anew}


def test_that_a_run_that_holds_is_kept_without_being_asked(qtbot, window: WholeWindow, kept: SessionFolder) -> None:
    steps(qtbot, window, 2)
    qtbot.waitUntil(in_file(kept, 2), timeout=10000)
    steps(qtbot, window, 1)
    qtbot.waitUntil(in_file(kept, 3), timeout=10000)
    assert len(kept.networks()) == 1, "a network has one file"


@pytest.mark.parametrize("ending", ENDINGS)
def test_that_what_takes_its_place_says_that_it_is_kept_and_a_press_brings_it_back(
    qtbot, window: WholeWindow, kept: SessionFolder, ending: str
) -> None:
    steps(qtbot, window, 2)
    before = weight(window).copy()
    ENDINGS[ending](window)
    assert "trained to epoch 1, step 2 on noise, is kept." in says(qtbot, window, "is kept")
    assert in_file(kept, 2)() or any(load(path).place.step == 2 for path in kept.networks())
    window.top.stopPressed.emit()
    if ending == "another data set":
        qtbot.waitUntil(lambda: window.run.data_name == "other noise", timeout=10000)
        window.follower.open(DESIGN, noise_data())
        qtbot.waitUntil(lambda: window.run.data_name == "noise", timeout=10000)
        window.models.open_path(kept.networks()[0])
    else:
        click(qtbot, window, "Take it up again")
    says(qtbot, window, "at epoch 1, step 2")
    assert window.run.position.step == 2
    qtbot.waitUntil(lambda: np.array_equal(weight(window), before), timeout=10000)


def test_that_a_network_taken_up_goes_on_in_its_own_file(qtbot, window: WholeWindow, kept: SessionFolder) -> None:
    steps(qtbot, window, 2)
    train_anew(window)
    says(qtbot, window, "is kept")
    # Before the other run is kept too, at whatever step it is by then.
    path = next(one for one in kept.networks() if load(one).place.step == 2)
    click(qtbot, window, "Take it up again")
    # What it took the place of is kept too.
    qtbot.waitUntil(lambda: window.message.text().startswith("Opened") and window.message.text().endswith("is kept."))
    qtbot.waitUntil(lambda: window.run.position.step == 2 and window.run.state is State.PAUSED, timeout=10000)
    steps(qtbot, window, 1)
    qtbot.waitUntil(lambda: load(path).place.step == 3, timeout=10000)
    train_anew(window)
    kept_again = "course-3x3, trained to epoch 1, step 3 on noise, is kept."
    qtbot.waitUntil(lambda: window.message.text() == kept_again, timeout=10000)


def test_that_kept_networks_are_in_the_menu_and_bounded(qtbot, window: WholeWindow, kept: SessionFolder) -> None:
    for _ in range(7):
        runs = window.run.history.runs
        window.run.bridge.send(StepMinibatch())
        qtbot.waitUntil(lambda runs=runs: window.run.history.runs > runs, timeout=10000)
        qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
        window.top.stopPressed.emit()
        qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=10000)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: len(kept.networks()) == 5, timeout=10000)
    window.menu.aboutToShow.emit()
    names = [entry.text() for entry in window.menu.recent.actions()]
    assert names[0] == "Kept by convviz"
    assert len(names) == 6


def test_that_what_can_not_be_kept_stays_until_the_user_lets_it_go(qtbot, window: WholeWindow, monkeypatch) -> None:
    fill_disk(monkeypatch)
    steps(qtbot, window, 2)
    says(qtbot, window, "can't be kept")
    window.message.say("")
    open_other_data(window)
    assert "it is still here" in says(qtbot, window, "can't be kept")
    assert (window.run.position.step, window.run.data_name) == (2, "noise")
    click(qtbot, window, "Let it go")
    open_other_data(window)
    qtbot.waitUntil(lambda: window.run.data_name == "other noise", timeout=10000)


@pytest.mark.parametrize("answer", list(Answer))
def test_that_closing_asks_only_where_it_can_not_keep(
    qtbot, window: WholeWindow, tmp_path: Path, monkeypatch, answer: Answer
) -> None:
    mine = tmp_path / "mine.h5"
    asked: list[str] = []
    monkeypatch.setattr(ModelFiles, "ask_about_unkept", lambda _self, why: (asked.append(why), answer)[1])
    monkeypatch.setattr(ModelFiles, "ask_where", lambda _self: mine)
    fill_disk(monkeypatch)
    steps(qtbot, window, 2)
    assert window.close() == (answer is Answer.DISCARD)
    assert len(asked) == 1
    if answer is Answer.SAVE:
        qtbot.waitUntil(lambda: not window.run.bridge.running, timeout=10000)
        assert load(mine).place.step == 2
    assert window.run.bridge.running == (answer is Answer.CANCEL)


# --- from one start to the next ----------------------------------------------------------------------------------


@pytest.fixture
def opened(qtbot, theme, tmp_path: Path) -> Iterator[Callable[[], WholeWindow]]:
    """Start convviz again and again, with one folder for what is kept and one for settings."""
    data = tmp_path / "noise.h5"
    save_hdf5(data, noise_data())
    windows: list[WholeWindow] = []

    def start() -> WholeWindow:
        from convviz.data.sources import DataFile, ImageSpec

        settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        made = WholeWindow(settings, kept=tmp_path / "kept", workspaces=FIRST_FOUR)
        made.resize(1100, 700)
        made.show()
        made.start(LONG, DataFile(data, ImageSpec.of(LONG)))
        windows.append(made)
        made.last_time.offer()
        with qtbot.waitSignal(made.ready, timeout=20000):
            pass
        qtbot.waitUntil(lambda: made.run.state is not State.EMPTY, timeout=20000)
        return made

    yield start
    for one in windows:
        one.edited.document.reset(one.edited.design)
        one.close()
        one.deleteLater()


def test_that_a_window_closed_in_the_middle_of_a_run_is_taken_up_at_the_next_start(qtbot, opened) -> None:
    first = opened()
    assert not first.message.isVisible(), "a first start has nothing to offer"
    qtbot.keyClick(first, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: first.run.position.step > 20, timeout=20000)
    first.go_to(BUILD)
    assert first.close()
    again = opened()
    said = says(qtbot, again, "Last time: ")
    assert "on noise.h5, epoch " in said
    assert re.search(r"epoch (\d+), [\d.]+ % of test images right(?! after epoch \1\b)( after epoch \d+)?$", said), said
    click(qtbot, again, "Take it up")
    says(qtbot, again, "Resume goes on with noise.h5")
    assert again.run.position.step > 20
    qtbot.waitUntil(lambda: again.run.state is State.PAUSED)
    assert again.stack.currentIndex() == BUILD
    assert len(again.run.history.epochs) > 2


def test_that_edits_that_waited_beside_the_network_wait_again(qtbot, opened) -> None:
    first = opened()
    steps(qtbot, first, 2)
    edited = replace(LONG, training=replace(LONG.training, batch_size=8)).named()
    first.edited.document.edit(edited, "batch size")
    first.edited.document.mark_saved(Path("mine.toml"))
    assert first.close()
    again = opened()
    says(qtbot, again, "Last time: ")
    click(qtbot, again, "Take it up")
    qtbot.waitUntil(lambda: again.run.position.step == 2, timeout=10000)
    assert again.edited.design == edited
    assert again.run.design == LONG
    assert again.follower.waits


def test_that_a_design_in_no_file_comes_back_as_an_edit_at_every_start_until_it_is_saved(
    qtbot, opened, monkeypatch
) -> None:
    first = opened()
    lenet = preset("lenet-5")
    edited = replace(lenet, training=replace(lenet.training, batch_size=7)).named()
    first.edited.document.edit(edited, "batch size")
    monkeypatch.setattr(DesignFiles, "ask_about_changes", lambda _: Answer.DISCARD)
    assert first.close()
    for _ in range(2):
        again = opened()
        assert says(qtbot, again, "Last time: ").startswith("Last time: lenet-5, edited, on ")
        click(qtbot, again, "Take it up")
        qtbot.waitUntil(lambda again=again: again.edited.design == edited, timeout=10000)
        document = again.edited.document
        assert document.is_modified
        document.undo_stack.undo()
        assert document.design != edited
        document.undo_stack.redo()
        assert document.design == edited
        assert again.close()


def test_that_what_is_dismissed_is_not_offered_again(qtbot, opened) -> None:
    first = opened()
    steps(qtbot, first, 1)
    assert first.close()
    again = opened()
    says(qtbot, again, "Last time: ")
    click(qtbot, again, "Dismiss")
    assert not again.message.isVisible()
    assert SessionFolder(again.models.kept.path).read() is None
    assert len(again.models.kept.networks()) == 1, "the network stays in the menu"


@pytest.mark.parametrize("contents", [b"", b"{}", b"\xff", b'{"design": 3}', b"[" * 9000, b'{"design":"","format":9}'])
def test_that_a_damaged_record_is_no_record(tmp_path: Path, contents: bytes) -> None:
    folder = SessionFolder(tmp_path)
    folder.record.write_bytes(contents)
    assert folder.read() is None


@pytest.mark.parametrize("name", ["../model.h5", "/etc/passwd", "model.txt", ""])
def test_that_a_record_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    from convviz.storage.last_session import LastSession

    (tmp_path / "model.h5").write_text("")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "model.txt").write_text("")
    assert SessionFolder(tmp_path / "kept").network_of(LastSession("", network=name)) is None


def test_that_no_two_networks_share_a_file(tmp_path: Path) -> None:
    folder = SessionFolder(tmp_path / "kept")
    first = folder.place_for("a/b: c")
    first.write_text("")
    assert folder.place_for("a/b: c") != first
    assert first.parent == folder.path
    shutil.rmtree(folder.path)
    assert folder.networks() == []
