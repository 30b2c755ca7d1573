"""A recording that is opened in the window is the run that was stopped: nothing that is shown tells the difference."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from shared_window import SharedWindow, settle

import convviz
from convviz.core.design import Design, Input, Training
from convviz.data.write_hdf5 import save_hdf5
from convviz.gui.files.run_files import RunFiles
from convviz.gui.workspaces.registry import WORKSPACES
from convviz.run.messages import Busy
from convviz.run.recording import recorder
from convviz.run.state import State
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.read import Recording
from convviz.storage.recording.schema import connect_writer
from tests.support.small_run import DESIGN, noise_data
from tests.support.whole_window import WholeWindow

END = 18
NEEDED = [entry for entry in WORKSPACES if entry.title in ("Build", "Watch")]
LONG = replace(DESIGN, training=Training(batch_size=16, epochs=5)).named()
OTHER = replace(DESIGN, name="other").named()


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    """The data set in a file."""
    save_hdf5(tmp_path / "noise.h5", noise_data())
    return tmp_path / "noise.h5"


@pytest.fixture
def recorded(tmp_path: Path, data_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the user's: a run of 5 epochs that was stopped after 3; only its ends are key points."""
    monkeypatch.setattr(recorder, "TIMED", 1000)
    path = tmp_path / "mine.cvz"
    record(path, data_file, LONG, END)
    return path


def record(path: Path, data_file: Path, design: Design, steps: int) -> None:
    """Record a run, and stop it after so many minibatches of six an epoch."""
    state = {"done": 0}

    def heard(event: object) -> None:
        state["done"] += isinstance(event, convviz.MinibatchDone)

    data = convviz.load_data(data_file, like=design)
    convviz.train(design, data, record=path, on_event=heard, stop=lambda: state["done"] >= steps)


@pytest.fixture
def window(qtbot, recording: WholeWindow) -> WholeWindow:
    """The window that records, with an untrained network and data that have nothing to do with any recording."""
    recording.edited.document.reset(OTHER)
    with qtbot.waitSignal(recording.run.prepared, timeout=20_000):
        recording.run.prepare(OTHER, noise_data(seed=3, name="other noise"))
    settle(qtbot, recording)
    qtbot.waitUntil(lambda: recording.run.data_name == "other noise" and not recording.run.is_busy)
    return recording


@pytest.fixture
def runs(recording_window: SharedWindow) -> Path:
    """The folder in which it records."""
    recording_window.runs.mkdir(exist_ok=True)
    return recording_window.runs


@pytest.fixture
def second(qtbot, runs: Path, tmp_path: Path) -> Iterator[WholeWindow]:
    """Another window that records in the same folder."""
    made = WholeWindow(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat), recorded=runs, workspaces=NEEDED)
    made.show()
    made.start(OTHER, noise_data(seed=3, name="other noise"))
    with qtbot.waitSignal(made.ready, timeout=20_000):
        pass
    qtbot.waitUntil(lambda: made.run.state is State.IDLE, timeout=20_000)
    yield made
    made.close_unasked()
    made.deleteLater()


def shown(window: WholeWindow) -> int:
    """Step of the moment on the screen."""
    moment = window.watch.look.moment
    return -1 if moment is None else moment.position.step


def press(window: WholeWindow, which: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.watch.setFocus()
    QTest.keyClick(window.watch, which, held)


def says(qtbot, window: WholeWindow, words: str) -> str:
    qtbot.waitUntil(lambda: window.message.isVisible() and words in window.message.text(), timeout=20_000)
    return window.message.text()


def click(qtbot, window: WholeWindow, word: str) -> None:
    found = [one for one in window.message.findChildren(QPushButton) if one.isVisible() and one.text() == word]
    qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)


def test_that_the_page_which_the_user_has_turned_to_stays_when_the_run_is_here(
    qtbot, window: WholeWindow, recorded: Path
) -> None:
    window.opener.open_path(recorded)
    window.go_to(window.stack.number_of("Build"))
    says(qtbot, window, "Opened ")
    qtbot.waitUntil(lambda: window.run.position.step == END)
    assert window.stack.title == "Build"
    window.runs.open_path(recorded)
    says(qtbot, window, "Opened ")
    qtbot.waitUntil(lambda: window.stack.title == "Watch")


def test_that_a_run_that_is_opened_says_its_name_and_how_far_it_is(
    qtbot, window: WholeWindow, runs: Path, data_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "TIMED", 1000)
    path = RecordingsFolder(runs).place_for("mine")
    record(path, data_file, replace(LONG, name="mine"), END)
    told: list[Busy] = []
    hear = window.run.bridge.messagesArrived.connect(
        lambda messages: told.extend(one for one in messages if isinstance(one, Busy))
    )
    window.runs.open_path(path)
    says(qtbot, window, "Opened mine")
    window.run.bridge.messagesArrived.disconnect(hear)
    assert {one.what.partition(" of ")[0] for one in told} == {"Opening the run mine", ""}
    shares = [(one.done, one.total) for one in told if one.total]
    assert shares == [(done, END) for done in range(1, END)], "the last one is trained when they are over"


def open_run(qtbot, window: WholeWindow, path: Path, step: int = END, state: State = State.PAUSED) -> None:
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: window.run.position.step == step and window.stack.title == "Watch", timeout=20_000)
    qtbot.waitUntil(lambda: shown(window) == step and window.watch.timeline.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: window.run.state is state, timeout=20_000)


def finished(qtbot, window: WholeWindow) -> None:
    """Wait until the file of the run says that it has come to its end, and with all of its minibatches."""

    def is_written() -> bool:
        with Recording(window.run.recording) as recording:
            return (recording.ended, recording.last_step) == ("finished", 30)

    qtbot.waitUntil(is_written, timeout=20_000)


def drop(window: WholeWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))


def test_that_a_dropped_recording_is_the_run_that_was_stopped(qtbot, window: WholeWindow, recorded: Path) -> None:
    drop(window, recorded)
    qtbot.waitUntil(lambda: shown(window) == END, timeout=20_000)
    run, history = window.run, window.run.history
    qtbot.waitUntil(lambda: run.state is State.PAUSED, timeout=20_000)
    assert (run.position.epoch, run.position.epochs, run.data_name) == (3, 5, "noise.h5")
    assert window.edited.design.named().layers == LONG.layers
    with Recording(recorded) as recording:
        curve, epochs = recording.minibatches(), recording.epochs()
        weight = recording.state(recording.key_points()[-1]).arrays["conv1.weight"]
        steps, measures = recording.measures()
        norms = measures[:, recording.head.layers.index("conv1"), recording.head.columns.index("weight_norm")]
    np.testing.assert_array_equal(history.minibatches.column(0), curve.steps)
    np.testing.assert_array_equal(history.minibatches.column(1), curve.loss)
    np.testing.assert_array_equal(history.minibatches.column(2), curve.accuracy)
    np.testing.assert_array_equal(history.epochs.column(5), [one.test_accuracy for one in epochs])
    np.testing.assert_array_equal(window.seen("conv1.weight"), np.squeeze(weight))
    columns = history.layers.steps.tolist(), history.layers.column("conv1", "weight_norm").tolist()
    drawn = dict(zip(*columns, strict=True))
    assert [drawn[step] for step in steps.tolist()] == pytest.approx(norms.tolist())
    assert "conv1.weight" in window.watch.look.moment.gradients
    # Histograms are in no recording: they are measured again, at some of its steps.
    qtbot.waitUntil(lambda: sum(bool(one.counts) for one in history.layers.moments) == 13, timeout=20_000)
    assert history.layers.moments[0].counts["conv1"].gradients is not None
    said = says(qtbot, window, "Opened mine.cvz")
    assert said.endswith("It stopped at epoch 3, step 18: Resume goes on from there.")


def test_that_any_past_moment_is_shown_and_stepped(qtbot, window: WholeWindow, recorded: Path, data_file: Path) -> None:
    open_run(qtbot, window, recorded)
    plot = window.watch.timeline.plot
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(plot.x_of(7)), 40))
    qtbot.waitUntil(lambda: shown(window) == 7, timeout=20_000)
    with convviz.open_run(recorded, convviz.load_data(data_file, like=LONG)) as run:
        then = run.at(7).network.arrays["conv1.weight"]
    np.testing.assert_array_equal(window.seen("conv1.weight"), np.squeeze(then))
    before = window.step.source
    press(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: window.stack.title == "Step", timeout=20_000)
    assert window.past_pass(qtbot, before).position.step == 7
    assert window.message.text() == "The minibatch of step 7: replayed bit for bit."


def test_that_it_goes_on_as_the_run_that_never_stopped(qtbot, window: WholeWindow, recorded: Path, runs: Path) -> None:
    before = recorded.read_bytes()
    open_run(qtbot, window, recorded)
    window.top.trainPressed.emit()
    run = window.run
    qtbot.waitUntil(lambda: run.position.step == 30 and run.state is State.IDLE, timeout=30_000)
    whole = convviz.train(LONG, noise_data())
    qtbot.waitUntil(lambda: shown(window) == 30, timeout=20_000)
    np.testing.assert_array_equal(window.seen("conv1.weight"), np.squeeze(whole.network.arrays["conv1.weight"]))
    np.testing.assert_array_equal(run.history.epochs.column(4), [one.test_loss for one in whole.history])
    assert recorded.read_bytes() == before, "a file of the user's stays as it is"
    path = run.recording
    assert path is not None
    assert path.parent == runs
    press(window, Qt.Key.Key_Home)  # the copy has all of it
    qtbot.waitUntil(lambda: shown(window) == 0, timeout=20_000)
    finished(qtbot, window)
    with Recording(recorded) as old, Recording(path) as new:
        assert new.head.begin == 0
        assert new.head.parent is not None
        assert (new.head.parent.id, new.head.parent.step) == (old.head.id, END)
        np.testing.assert_array_equal(new.minibatches(0, END).loss, old.minibatches().loss)


def test_that_a_run_of_our_own_folder_goes_on_in_its_file(
    qtbot, window: WholeWindow, data_file: Path, runs: Path
) -> None:
    path = runs / "course-20260102-030405-77.cvz"
    record(path, data_file, LONG, END)
    open_run(qtbot, window, path)
    assert says(qtbot, window, "Opened ").startswith(f"Opened {LONG.name} of ")
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=20_000)
    window.top.trainPressed.emit()
    qtbot.waitUntil(lambda: window.run.position.step == 30 and window.run.state is State.IDLE, timeout=30_000)
    assert window.run.recording == path
    finished(qtbot, window)
    assert [one.name for one in runs.glob("*.cvz")] == [path.name]


def test_that_a_branch_of_it_knows_its_parent_and_shows_what_was_before(
    qtbot, window: WholeWindow, recorded: Path
) -> None:
    open_run(qtbot, window, recorded)
    run = window.run
    press(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: shown(window) == END - 1, timeout=20_000)
    with qtbot.waitSignal(run.prepared, timeout=20_000):
        press(window, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: run.state is State.PAUSED and shown(window) == END - 1, timeout=20_000)
    assert len(run.history.minibatches) == END - 1
    assert ("fork", END - 1) in [(kind, step) for step, _, kind in run.history.marks]
    window.top.trainPressed.emit()
    qtbot.waitUntil(lambda: run.position.step == 30 and run.state is State.IDLE, timeout=30_000)
    press(window, Qt.Key.Key_Home)  # of the parent
    qtbot.waitUntil(lambda: shown(window) == 0, timeout=20_000)
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_Left)  # of its own
    qtbot.waitUntil(lambda: shown(window) == 29, timeout=20_000)
    path = run.recording
    assert path is not None
    finished(qtbot, window)
    with Recording(path) as branch, Recording(recorded) as parent:
        assert (branch.head.begin, branch.head.parent.step) == (END - 1, END - 1)
        assert branch.head.parent.id == parent.head.id


def test_that_without_its_data_all_but_replay_is_there(
    qtbot, window: WholeWindow, recorded: Path, data_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = data_file.rename(data_file.with_name("moved.h5"))
    open_run(qtbot, window, recorded, state=State.IDLE)
    run = window.run
    said = says(qtbot, window, "its data set is needed to replay")
    assert said.endswith("; all else is here, on the images of other noise.")
    assert len(run.history.minibatches) == END
    assert not window.top.go_on.isVisible()
    with Recording(recorded) as recording:
        first, last = (recording.state(one).arrays["conv1.weight"] for one in recording.key_points())
    np.testing.assert_array_equal(window.seen("conv1.weight"), np.squeeze(last))
    press(window, Qt.Key.Key_Left)  # the key point before is the first moment
    qtbot.waitUntil(lambda: shown(window) == 0, timeout=20_000)
    np.testing.assert_array_equal(window.seen("conv1.weight"), np.squeeze(first))
    assert "only key points can be shown" in window.watch.past_strip.text.texts[0]
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_S)
    strip = window.watch.past_strip
    qtbot.waitUntil(lambda: any("its data set is needed" in one for one in strip.text.texts), timeout=20_000)
    from PySide6.QtWidgets import QFileDialog

    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_: (str(elsewhere), "")))
    click(qtbot, window, "Open its data…")
    says(qtbot, window, "Resume goes on from there.")
    qtbot.waitUntil(lambda: (run.state, run.data_name) == (State.PAUSED, "moved.h5"), timeout=20_000)


def test_that_images_of_another_size_are_not_shown_nor_trained(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    design = replace(DESIGN, input=Input(height=12, width=12)).named()
    convviz.train(design, noise_data(side=12), epochs=2, record=tmp_path / "small.cvz")
    window.opener.open_path(tmp_path / "small.cvz")
    said = says(qtbot, window, "its data set is needed to replay")
    assert said.endswith("; its curves, filters and weights are here.")
    steps = window.run.position.step
    assert steps > 0
    window.top.trainPressed.emit()
    says(qtbot, window, "its data set is needed to replay")
    qtbot.waitUntil(lambda: window.message.kind == "error", timeout=20_000)
    assert window.run.position.step == steps


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def foreign(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + bytes(5000))


def newer(path: Path) -> None:
    db = connect_writer(path)
    db.execute("PRAGMA user_version=99")
    db.close()


def gone(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def test_that_one_that_cant_be_opened_is_told_and_nothing_is_lost(qtbot, window: WholeWindow, recorded: Path) -> None:
    whole = recorded.read_bytes()
    networks = window.run.networks
    for fault in (damaged, foreign, newer, empty, gone):
        recorded.write_bytes(whole)
        fault(recorded)
        window.message.say("")
        window.opener.open_path(recorded)
        qtbot.waitUntil(lambda: window.message.isVisible() and window.message.kind == "error", timeout=20_000)
        assert window.message.text().startswith(f"{recorded}: "), fault
        assert "expected" in window.message.text()
        assert window.run.networks == networks
        assert window.run.design.name == "other"


def test_that_a_read_only_one_is_opened_and_goes_on_elsewhere(
    qtbot, window: WholeWindow, recorded: Path, runs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    path = Path(shutil.copy(recorded, folder / "run.cvz"))
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        open_run(qtbot, window, path)
        window.top.trainPressed.emit()
        qtbot.waitUntil(lambda: window.run.position.step == 30 and window.run.state is State.IDLE, timeout=30_000)
        assert window.run.recording is not None
        assert window.run.recording.parent == runs
    finally:
        folder.chmod(0o755)


def test_that_two_windows_open_one_recording_and_each_goes_on(
    qtbot, window: WholeWindow, second: WholeWindow, data_file: Path, runs: Path
) -> None:
    path = runs / "course-20260102-030405-77.cvz"
    record(path, data_file, LONG, END)
    for one in (window, second):
        open_run(qtbot, one, path)
    for one in (window, second):
        one.top.trainPressed.emit()
        qtbot.waitUntil(lambda one=one: one.run.position.step == 30 and one.run.state is State.IDLE, timeout=30_000)
    assert window.run.recording == path
    assert second.run.recording != path
    qtbot.waitUntil(lambda: shown(window) == shown(second) == 30, timeout=20_000)
    np.testing.assert_array_equal(second.seen("conv1.weight"), window.seen("conv1.weight"))
    for one in (window, second):
        finished(qtbot, one)


def test_that_a_run_is_kept_while_it_is_recorded(qtbot, window: WholeWindow, tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "kept.cvz"
    monkeypatch.setattr(RunFiles, "ask_where", lambda self, source=None: target)
    window.menu.keep_run.trigger()
    assert window.message.text() == "There is no recorded run to keep yet: Train begins one."
    for _ in range(3):
        before = window.run.position.step
        window.top.stepPressed.emit()
        qtbot.waitUntil(lambda before=before: window.run.position.step == before + 1, timeout=20_000)
        qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=20_000)
    window.menu.keep_run.trigger()
    says(qtbot, window, "The run is kept as kept.cvz")
    with Recording(target) as recording:
        assert (recording.last_step, recording.ended) == (3, "stopped")
    target.unlink()
    target.mkdir()
    window.menu.keep_run.trigger()
    qtbot.waitUntil(lambda: window.message.kind == "error", timeout=20_000)
    assert target.is_dir()


@pytest.mark.parametrize("with_data", [True, False])
def test_that_one_that_was_opened_is_kept_although_nothing_was_recorded_here(
    qtbot, window: WholeWindow, recorded: Path, data_file: Path, monkeypatch: pytest.MonkeyPatch, with_data: bool
) -> None:
    if not with_data:
        data_file.rename(data_file.with_name("moved.h5"))
    open_run(qtbot, window, recorded, state=State.PAUSED if with_data else State.IDLE)
    target = recorded.with_name("kept.cvz")
    monkeypatch.setattr(RunFiles, "ask_where", lambda self, source=None: target)
    window.runs.keep()
    qtbot.waitUntil(target.exists, timeout=20_000)
    says(qtbot, window, "The run is kept as kept.cvz")
    with Recording(target) as copy:
        assert copy.last_step == END


def test_that_a_branch_with_another_design_says_what_it_has_of_that_moment(
    qtbot, window: WholeWindow, recorded: Path
) -> None:
    open_run(qtbot, window, recorded)
    recent = window.models.recent.paths()
    first = window.run.design.layers[0]
    other = replace(window.run.design, layers=(replace(first, stride=2), *window.run.design.layers[1:]))
    window.edited.document.reset(other)
    press(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: shown(window) == END - 1, timeout=20_000)
    with qtbot.waitSignal(window.run.prepared, timeout=20_000):
        press(window, Qt.Key.Key_B)
    said = says(qtbot, window, "This is now a branch of ")
    assert f"at step {END - 1} with another design: weights of then in conv1, initial ones in dense1." in said
    assert window.models.recent.paths() == recent, "there is no file to open again"
