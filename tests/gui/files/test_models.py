"""Trained models in the window: saved, opened, and never lost without a word."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest
from msgspec.structs import replace
from patience import PATIENCE
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton
from shared_window import settle
from small_run import DESIGN, noise
from whole_window import BUILD, DATA, STEP, WATCH, WholeWindow

from convviz.api.run import load, save
from convviz.core.design import Design, Input, Training, course_design
from convviz.core.network import Network
from convviz.gui.files.opener import dialog_filter
from convviz.gui.widgets.messages.question import Answer, Question
from convviz.run.state import State
from convviz.storage.designs import load_design
from convviz.storage.model_files import save_model
from convviz.storage.network_state import NetworkState, RunProgress

LONG = replace(DESIGN, training=Training(batch_size=16, epochs=9000))
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.h5"


def press(qtbot, window: WholeWindow, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(window, key, modifier)


def steps(qtbot, window: WholeWindow, count: int) -> None:
    for _ in range(count):
        before = window.run.position.step
        press(qtbot, window, Qt.Key.Key_F6)
        qtbot.waitUntil(lambda before=before: window.run.position.step == before + 1, timeout=10000)
        qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    if window.stack.currentIndex() == WATCH:
        qtbot.waitUntil(lambda: window.watch.look.moment.position.step == window.run.position.step)


def says(qtbot, window: WholeWindow, words: str) -> str:
    qtbot.waitUntil(lambda: window.message.isVisible() and words in window.message.text(), timeout=10000)
    return window.message.text()


def holds(qtbot, window: WholeWindow) -> None:
    """Wait for an opened run to stand where it stopped, of which the window hears after what it says of the file."""
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED)


def saved(qtbot, window: WholeWindow, path: Path) -> None:
    window.models.save_to(path)
    says(qtbot, window, "Saved to")
    window.message.say("")


def opened(qtbot, window: WholeWindow, path: Path) -> str:
    window.models.open_path(path)
    return says(qtbot, window, path.name)


def weight(window: WholeWindow) -> np.ndarray:
    return window.seen("conv1.weight")


def shows(qtbot, window: WholeWindow, expected: np.ndarray) -> None:
    qtbot.waitUntil(
        lambda: weight(window).shape == expected.shape and np.array_equal(weight(window), expected), timeout=10000
    )


def trained(path: Path, seed: int = 0, design: Design = DESIGN, epochs: int = 3) -> Path:
    """A model that was trained on the window's noise, or on another."""
    from convviz.api.training import train
    from convviz.data.dataset import Dataset

    split, test = noise(seed=seed)
    data = Dataset("noise", split.images, split.labels, test.images, test.labels, 10, "")
    train(design, data, epochs=epochs, save_to=path)
    return path


def click(qtbot, window: WholeWindow, word: str) -> None:
    button = next(one for one in window.message.findChildren(QPushButton) if one.text() == word)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


# --- saving and opening ------------------------------------------------------------------------------------------


def test_that_a_model_comes_back_with_weights_place_curves_and_design(qtbot, window: WholeWindow, path: Path) -> None:
    steps(qtbot, window, 8)
    qtbot.waitUntil(lambda: window.run.position.epoch == 2, timeout=5000)
    saved(qtbot, window, path)
    kept = load(path)
    expected = kept.network.arrays["conv1.weight"].reshape(4, 3, 3)
    epochs = [window.run.history.epochs.column(number).copy() for number in range(6)]
    press(qtbot, window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    window.build.document.edit(replace(DESIGN, training=Training(batch_size=8, epochs=1)), "batch size")
    qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text(), timeout=20000)
    assert not np.array_equal(weight(window), expected)

    assert "at epoch 2, step 8" in opened(qtbot, window, path)
    shows(qtbot, window, expected)
    holds(qtbot, window)
    assert (window.run.position.epoch, window.run.position.step) == (2, 8)
    assert window.build.design() == DESIGN.named()
    assert window.top.train.text() == "Resume"
    assert "epoch 2/3" in window.top.facts.text()
    assert window.top.facts.text().endswith("stopped")  # as before it was saved, not paused
    for number, column in enumerate(epochs):
        np.testing.assert_allclose(window.run.history.epochs.column(number), column)
    assert window.run.history.minibatches.column(0).tolist() == [7, 8]
    window.go_to(STEP)
    qtbot.waitUntil(lambda: window.step.run is not None, timeout=10000)
    qtbot.waitUntil(lambda: "weights before step 9" in window.status.text(), timeout=10000)
    np.testing.assert_array_equal(window.step.run.env["conv1.weight"], kept.network.arrays["conv1.weight"])


def test_that_an_opened_run_ends_as_the_one_that_never_stopped(qtbot, window: WholeWindow, path: Path) -> None:
    straight = load(trained(path.with_name("straight.h5")))
    steps(qtbot, window, 5)
    saved(qtbot, window, path)
    window.models.open_path(path)
    says(qtbot, window, "Opened model.h5")
    holds(qtbot, window)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text(), timeout=20000)
    saved(qtbot, window, path)
    done = load(path)
    for name, array in straight.network.arrays.items():
        assert array.tobytes() == done.network.arrays[name].tobytes(), name


def test_that_saving_leaves_the_run_running(qtbot, window: WholeWindow, path: Path) -> None:
    window.build.document.edit(LONG, "epochs")
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 2, timeout=10000)
    saved(qtbot, window, path)
    step = window.run.position.step
    qtbot.waitUntil(lambda: window.run.position.step > step + 5, timeout=10000)
    assert window.run.state is State.RUNNING
    assert 2 < load(path).place.step <= step


@pytest.mark.parametrize("front", [WATCH, BUILD, STEP, DATA])
def test_that_a_key_of_files_means_the_same_in_every_workspace(
    qtbot, window: WholeWindow, path: Path, tmp_path: Path, monkeypatch, front: int
) -> None:
    monkeypatch.setattr(window.models, "ask_where", lambda: path)
    design = tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(design), ""))
    window.go_to(front)
    press(qtbot, window, Qt.Key.Key_S, CONTROL)
    says(qtbot, window, "Saved the design to mine.toml.")
    assert load_design(design) == window.edited.design
    press(qtbot, window, Qt.Key.Key_M, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    says(qtbot, window, "Saved to model.h5: untrained.")
    assert is_untrained(path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    press(qtbot, window, Qt.Key.Key_O, CONTROL)
    says(qtbot, window, "Opened model.h5, which is untrained.")
    assert window.stack.currentIndex() == front
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(design), ""))
    press(qtbot, window, Qt.Key.Key_O, CONTROL)
    assert window.edited.document.path == design
    assert window.stack.currentIndex() == BUILD, "an opened design is shown"


def test_that_one_dialog_offers_every_kind_of_file() -> None:
    first, *others = dialog_filter().split(";;")
    for pattern in ("*.toml", "*.h5", "*.npz"):
        assert pattern in first
    assert len(others) == len(set(others)) > 3


def is_untrained(path: Path) -> bool:
    return load(path).place.step == 0


def test_that_recent_models_are_in_the_menu(qtbot, window: WholeWindow, path: Path) -> None:
    window.menu.aboutToShow.emit()
    assert not window.menu.recent.isEnabled()
    saved(qtbot, window, path)
    window.menu.aboutToShow.emit()
    entries = window.menu.recent.actions()
    assert [entry.text() for entry in entries] == ["Trained models", "model.h5"]
    entries[1].trigger()
    says(qtbot, window, "Opened model.h5")
    path.unlink()
    window.menu.aboutToShow.emit()
    assert not window.menu.recent.isEnabled()


def drop(window: WholeWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    none = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))


def test_that_a_dropped_model_is_opened_as_a_model(qtbot, window: WholeWindow, path: Path) -> None:
    drop(window, trained(path))
    says(qtbot, window, "Opened model.h5: all 3 epochs are done")
    shows(qtbot, window, load(path).network.arrays["conv1.weight"].reshape(4, 3, 3))
    assert window.top.whole_subject.startswith("course")
    assert "finished" in window.top.facts.text()


def test_that_undo_brings_back_the_design_that_a_model_replaced(qtbot, window: WholeWindow, path: Path) -> None:
    trained(path)
    mine = replace(DESIGN, training=replace(DESIGN.training, batch_size=8)).named()
    window.build.document.edit(mine, "batch size")
    opened(qtbot, window, path)
    qtbot.waitUntil(lambda: window.build.design() == DESIGN.named(), timeout=10000)
    holds(qtbot, window)
    window.build.undo_stack.undo()
    assert window.build.design() == mine
    # The opened run stays until the user ends it.
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED and window.top.restart.isVisible(), timeout=10000)


def test_that_a_finished_model_goes_on_with_more_epochs(qtbot, window: WholeWindow, path: Path) -> None:
    opened(qtbot, window, trained(path))
    holds(qtbot, window)
    press(qtbot, window, Qt.Key.Key_F5)
    says(qtbot, window, "with more epochs set")
    assert window.run.state is State.PAUSED
    more = replace(DESIGN, training=replace(DESIGN.training, epochs=5)).named()
    window.build.document.edit(more, "epochs")
    qtbot.waitUntil(lambda: "epoch 3/5" in window.top.facts.text(), timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.epoch == 5 and window.run.state is State.IDLE, timeout=20000)
    straight = load(trained(path.with_name("straight.h5"), epochs=5))
    saved(qtbot, window, path)
    np.testing.assert_array_equal(load(path).network.arrays["conv1.weight"], straight.network.arrays["conv1.weight"])


def test_that_a_setting_that_applies_at_once_keeps_opened_weights(qtbot, window: WholeWindow, path: Path) -> None:
    network = Network(DESIGN)
    network.arrays["conv1.weight"][...] = 0.25
    save(path, network)
    opened(qtbot, window, path)
    faster = replace(DESIGN, training=replace(DESIGN.training, optimiser=replace(DESIGN.training.optimiser, lr=0.5)))
    window.build.document.edit(faster.named(), "learning rate")
    settle(qtbot, window)
    saved(qtbot, window, path)
    kept = load(path)
    assert kept.design.training.optimiser.lr == 0.5
    assert (kept.network.arrays["conv1.weight"] == 0.25).all()


# --- other data --------------------------------------------------------------------------------------------------


def test_that_a_network_of_other_images_opens_on_a_black_one(qtbot, window: WholeWindow, path: Path) -> None:
    other = replace(DESIGN, name="other", input=replace(DESIGN.input, channels=3)).named()
    save_model(path, NetworkState(other, Network(other).arrays, RunProgress()))
    said = opened(qtbot, window, path)
    assert "does not fit it" in said
    assert window.run.design.name != "other"
    click(qtbot, window, "Open without")
    qtbot.waitUntil(lambda: window.run.design.name == "other", timeout=10000)
    assert window.run.test.images.shape == (1, 3, *window.run.test.images.shape[2:])
    assert not window.run.test.images.any()
    qtbot.waitUntil(lambda: "so a black one stands in." in window.message.text(), timeout=10000)


def test_that_other_data_is_said_and_its_weights_can_be_used_all_the_same(
    qtbot, window: WholeWindow, path: Path
) -> None:
    before = weight(window).copy()
    said = opened(qtbot, window, trained(path, seed=1))
    assert (
        "was trained on noise with 96 training and 20 test images, so it can't go on exactly with the noise at hand"
        in said
    )
    np.testing.assert_array_equal(weight(window), before)
    click(qtbot, window, "Use its weights here")
    says(
        qtbot, window, "Loaded the weights of model.h5 (epoch 3, step 18). Train begins a new run from them, on noise."
    )
    shows(qtbot, window, load(path).network.arrays["conv1.weight"].reshape(4, 3, 3))
    assert window.run.state is State.IDLE
    assert "weights of model.h5" in window.top.facts.text()
    steps(qtbot, window, 1)
    assert window.run.position.step == 1


def test_that_its_own_data_can_be_opened_with_it(qtbot, window: WholeWindow, path: Path, monkeypatch) -> None:
    file = path.with_name("other.h5")
    train, test = noise(seed=1)
    with h5py.File(file, "w") as made:
        for part, split in (("train", train), ("test", test)):
            made[f"x_{part}"] = split.images.reshape(len(split), -1)
            made[f"y_{part}"] = split.labels.reshape(-1, 1)
    opened(qtbot, window, trained(path, seed=1, epochs=1))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    click(qtbot, window, "Open its data…")
    says(qtbot, window, "Opened model.h5")
    assert "other.h5" in window.top.whole_subject, "of which a narrow bar shows less"
    holds(qtbot, window)


def test_that_images_of_another_size_leave_no_way_to_use_the_weights_here(
    qtbot, window: WholeWindow, path: Path
) -> None:
    design = course_design(filters=2, kernel=(3, 3), image=Input(height=6, width=6)).named()
    network = Network(design)
    save(path, network)
    window.models.open_path(path)
    said = says(qtbot, window, "model.h5 takes other images")
    assert "the network expects 1×6×6 (channels × height × width), got 1×10×10" in said
    assert [one.text() for one in window.message.findChildren(QPushButton) if one.text()] == [
        "Open its data…",
        "Open without",
    ]
    assert window.run.design == DESIGN.named()


# --- files that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["missing", "text", "data", "newer", "truncated", "turned"])
def test_that_a_bad_model_is_named_and_nothing_is_lost(qtbot, window: WholeWindow, path: Path, case: str) -> None:
    steps(qtbot, window, 2)
    qtbot.waitUntil(lambda: window.seen("x") is not None, timeout=5000)
    if case == "text":
        path.write_text("no model")
    elif case == "data":
        with h5py.File(path, "w") as file:
            file["x_train"] = np.zeros((3, 4))
    elif case != "missing":
        trained(path)
        contents = bytearray(path.read_bytes())
        if case == "newer":
            with h5py.File(path, "r+") as file:
                file.attrs["version"] = np.int64(9)
        elif case == "truncated":
            path.write_bytes(contents[:-300])
        else:
            contents[len(contents) // 2] ^= 8
            path.write_bytes(contents)
    window.models.open_path(path)
    said = says(qtbot, window, "expected")
    assert window.message.kind == "error"
    assert "model.h5" in said
    assert "\n" not in said
    assert window.run.position.step == 2
    assert window.run.state is State.PAUSED
    steps(qtbot, window, 1)
    assert window.run.position.step == 3


def test_that_weights_are_saved_for_numpy_and_begin_a_new_run(qtbot, window: WholeWindow, path: Path) -> None:
    path = path.with_suffix(".npz")
    steps(qtbot, window, 3)
    window.models.save_to(path)
    says(qtbot, window, "Saved to model.npz")
    with np.load(path, allow_pickle=False) as kept:
        weights = kept["conv1.weight"][:, 0]
    steps(qtbot, window, 1)
    window.models.open_path(path)
    says(qtbot, window, "Loaded the weights of model.npz. Train begins a new run from them")
    shows(qtbot, window, weights)
    assert window.run.position.step == 0


@pytest.mark.parametrize("case", ["no folder", "another file", "read-only"])
def test_that_a_file_that_can_not_be_written_is_named_and_kept(
    qtbot, window: WholeWindow, path: Path, case: str
) -> None:
    steps(qtbot, window, 1)
    if case == "no folder":
        path = path.parent / "gone" / "model.h5"
    elif case == "another file":
        path.write_text("precious")
    elif os.geteuid() == 0:
        path = Path("/proc/model.h5")  # not even root may make a file there
        if not path.parent.is_dir():
            pytest.skip("root may write anywhere")
    else:
        path = path.parent / "closed" / "model.h5"
        path.parent.mkdir()
        path.parent.chmod(0o500)
    window.models.save_to(path)
    assert "model.h5" in says(qtbot, window, "expected" if case != "read-only" else "can't be written")
    assert window.message.kind == "error"
    if case == "another file":
        assert path.read_text() == "precious"


def test_that_a_slow_disk_is_said_and_holds_nothing_up(qtbot, window: WholeWindow, path: Path, monkeypatch) -> None:
    from convviz.run import keeping
    from convviz.storage.model_files import save_model

    let_go = threading.Event()
    monkeypatch.setattr(keeping, "save_model", lambda *given: (let_go.wait(PATIENCE), save_model(*given)))
    window.models.save_to(path)
    says(qtbot, window, "Saving model.h5 …")
    steps(qtbot, window, 2)
    let_go.set()
    says(qtbot, window, "Saved to model.h5: untrained.")
    assert window.run.position.step == 2


# --- the question itself -----------------------------------------------------------------------------------------


def question(**options) -> Question:
    words = {Answer.SAVE: "Save…", Answer.DISCARD: "Discard", Answer.CANCEL: "Cancel"}
    return Question("Save it?", "Or it is lost.", options.get("answers", words))


@pytest.mark.parametrize(
    ("key", "answer"), [(Qt.Key.Key_Return, Answer.SAVE), (Qt.Key.Key_Escape, Answer.CANCEL), (None, Answer.DISCARD)]
)
def test_that_enter_saves_escape_cancels_and_the_buttons_say_what_they_do(
    qtbot, theme, key: Qt.Key | None, answer: Answer
) -> None:
    asked = question()
    qtbot.addWidget(asked)
    asked.show()
    if key is None:
        qtbot.mouseClick(asked.buttons[Answer.DISCARD], Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(asked, key)
    assert not asked.isVisible()
    assert asked.answer is answer


def test_that_a_question_is_told_to_screen_readers(qtbot, theme) -> None:
    asked = question()
    qtbot.addWidget(asked)
    assert (asked.accessibleName(), asked.accessibleDescription()) == ("Save it?", "Or it is lost.")
    assert [asked.buttons[one].text() for one in Answer] == ["Save…", "Discard", "Cancel"]
