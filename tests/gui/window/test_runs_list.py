"""The list of recorded runs, the run that ended unexpectedly, and the way to a parent and its branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

import convviz
from convviz.core.design import Training
from convviz.data.write_hdf5 import save_hdf5
from convviz.files.claim import claimed
from convviz.gui.widgets.messages.question import Answer
from convviz.gui.window.runs.dialog import RunsDialog
from convviz.gui.workspaces.registry import WORKSPACES
from convviz.present.run_names import names_in_list
from convviz.present.watch.timeline import timeline_picture
from convviz.run.state import State
from convviz.storage.recording.catalogue import Catalogue
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.head import Head
from convviz.storage.recording.notes import RunNotes
from convviz.storage.recording.read import Recording
from convviz.storage.recording.write import RecordingWriter
from tests.support.controls import nameless
from tests.support.small_run import DESIGN, noise_data
from tests.support.whole_window import WholeWindow

LONG = replace(DESIGN, training=Training(batch_size=16, epochs=5)).named()
NEEDED = [entry for entry in WORKSPACES if entry.title in ("Build", "Watch")]
FIRST, SECOND = "course-20260102-030405-77.cvz", "course-20260103-030405-78.cvz"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with a run that was stopped after 18 of 30 minibatches, and its branch from step 12, which is newer."""
    folder = tmp_path / "runs"
    folder.mkdir()
    save_hdf5(tmp_path / "noise.h5", noise_data())
    data = convviz.load_data(tmp_path / "noise.h5", like=LONG)
    done = 0

    def heard(event: object) -> None:
        nonlocal done
        done += isinstance(event, convviz.MinibatchDone)

    convviz.train(LONG, data, record=folder / FIRST, on_event=heard, stop=lambda: done >= 18)
    with convviz.open_run(folder / FIRST, data) as run:
        branch = run.branch(12, learning_rate=0.001)
    convviz.train(branch, data, record=folder / SECOND)
    return folder


@pytest.fixture
def opened(qtbot, theme, tmp_path: Path) -> Iterator[Callable[..., WholeWindow]]:
    windows: list[WholeWindow] = []

    def start(*, offer: bool = False) -> WholeWindow:
        settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        made = WholeWindow(settings, recorded=tmp_path / "runs", kept=tmp_path / "kept", workspaces=NEEDED)
        windows.append(made)
        made.show()
        made.start(DESIGN, noise_data(seed=3, name="other noise"))
        if offer:
            made.last_time.offer()
        with qtbot.waitSignal(made.ready, timeout=20_000):
            pass
        qtbot.waitUntil(lambda: made.run.state is State.IDLE, timeout=20_000)
        return made

    yield start
    for one in windows:
        one.edited.document.reset(one.edited.design)
        one.close_unasked()
        one.deleteLater()


def end_unexpectedly(path: Path) -> None:
    """Let a recording say that it runs, as it does after its process was killed."""
    with Recording(path) as recording:
        head, design = recording.head, recording.design(1)
        place = recording.place(recording.last_step, 0.01)
    writer = RecordingWriter(path, replace(head, ended="running"), design, place)
    writer.commit()
    writer.close()


def the_list(qtbot, window: WholeWindow, count: int) -> RunsDialog:
    window.menu.runs.trigger()
    dialog = window.findChild(RunsDialog)
    qtbot.waitUntil(lambda: dialog.list.count() == count, timeout=20_000)
    return dialog


def choose(dialog: RunsDialog, path: Path) -> None:
    dialog.list.setCurrentRow([run.path for run in dialog.runs].index(path))


def lines(dialog: RunsDialog) -> list[str]:
    role = Qt.ItemDataRole.AccessibleTextRole
    return [dialog.list.item(row).data(role) for row in range(dialog.list.count())]


def click(qtbot, window: WholeWindow, word: str) -> None:
    found = [one for one in window.message.findChildren(QPushButton) if one.isVisible() and one.text() == word]
    qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)


def shown(window: WholeWindow) -> int:
    moment = window.watch.look.moment
    return -1 if moment is None else moment.position.step


def test_that_the_list_says_what_each_run_is_and_enter_opens_one(qtbot, opened, runs: Path) -> None:
    (runs / "broken.cvz").write_bytes(b"no recording")
    window = opened()
    dialog = the_list(qtbot, window, 3)
    branch, first, broken = sorted(lines(dialog), key=lambda one: ("broken" in one, "stopped" in one))
    names = names_in_list(Catalogue().of([runs / FIRST, runs / SECOND]))
    name, parent, said = names[runs / SECOND], names[runs / FIRST], "30 steps"
    assert name != parent
    assert name.startswith(f"{LONG.name} of ")
    assert broken.startswith("broken.cvz, can't be opened, expected a convviz recording, got plain text")
    assert branch.startswith(f"{name}, on noise, ")
    assert f"finished, 5 epochs, {said}, branch of {parent} at step 12, today, " in branch
    assert "stopped, epoch 3 of 5, step 18 of 30, today, " in first
    assert branch.endswith(" MB")
    with Recording(runs / SECOND) as recording:
        assert f"{100 * recording.epochs()[-1].test_accuracy:.2f} %" in branch
    assert not nameless(dialog)
    choose(dialog, runs / "broken.cvz")
    assert not dialog.open_button.isEnabled()
    choose(dialog, runs / SECOND)
    assert dialog.open_button.isEnabled()
    assert not dialog.go_on_button.isEnabled(), "all its epochs are done"
    choose(dialog, runs / FIRST)
    assert dialog.go_on_button.isEnabled()
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.run.position.step == 18 and shown(window) == 18, timeout=20_000)
    assert not dialog.isVisible()
    assert window.run.recording == runs / FIRST


def test_that_go_on_trains_from_its_end(qtbot, opened, runs: Path) -> None:
    window = opened()
    dialog = the_list(qtbot, window, 2)
    choose(dialog, runs / FIRST)
    dialog.go_on_button.click()
    qtbot.waitUntil(lambda: window.run.position.step == 30 and window.run.state is State.IDLE, timeout=30_000)
    assert window.run.recording == runs / FIRST


def test_that_a_run_with_a_name_of_the_users_is_never_thinned_out(qtbot, opened, runs: Path, monkeypatch) -> None:
    window = opened()
    dialog = the_list(qtbot, window, 2)
    names = iter(["../elsewhere", "best so far", "best so far"])
    monkeypatch.setattr(RunsDialog, "ask_name", lambda self, name: next(names))
    choose(dialog, runs / FIRST)
    dialog.rename_button.click()
    assert "expected a name that a file can have" in dialog.message.text()
    dialog.rename_button.click()
    qtbot.waitUntil(lambda: any(line.startswith("best so far, ") for line in lines(dialog)), timeout=20_000)
    assert dialog.run is not None
    assert dialog.run.path == runs / "best so far.cvz"
    RecordingsFolder(runs, most_runs=0).prune()
    assert [one.name for one in runs.glob("*.cvz")] == ["best so far.cvz"]


def test_that_a_run_is_deleted_when_the_user_says_so(qtbot, opened, runs: Path, monkeypatch) -> None:
    window = opened()
    dialog = the_list(qtbot, window, 2)
    answers = iter([Answer.CANCEL, Answer.DISCARD])

    def ask(self: RunsDialog, question) -> Answer:
        question.deleteLater()
        return next(answers)

    monkeypatch.setattr(RunsDialog, "ask", ask)
    choose(dialog, runs / SECOND)
    dialog.delete_button.click()
    assert (runs / SECOND).exists()
    with claimed(runs / SECOND):
        monkeypatch.setattr(RunsDialog, "ask", lambda self, question: question.deleteLater() or Answer.DISCARD)
        dialog.delete_button.click()
    assert "is being recorded" in dialog.message.text()
    monkeypatch.setattr(RunsDialog, "ask", ask)
    dialog.delete_button.click()
    qtbot.waitUntil(lambda: dialog.list.count() == 1, timeout=20_000)
    assert not (runs / SECOND).exists()


def test_that_the_run_that_is_open_is_not_deleted_under_it(qtbot, opened, runs: Path) -> None:
    window = opened()
    window.opener.open_path(runs / FIRST)
    qtbot.waitUntil(lambda: window.run.recording == runs / FIRST, timeout=20_000)
    dialog = the_list(qtbot, window, 2)
    choose(dialog, runs / FIRST)
    dialog.delete_button.click()
    assert dialog.message.text().endswith("Keep as… copies it under a name of yours.")
    assert (runs / FIRST).exists()


def test_that_a_run_that_ended_unexpectedly_is_offered_once(qtbot, opened, runs: Path) -> None:
    (runs / SECOND).unlink()
    end_unexpectedly(runs / FIRST)
    with Recording(runs / FIRST) as recording:
        head: Head = recording.head
        assert recording.ended == "ended unexpectedly"
    window = opened()
    window.first_offers.start()
    qtbot.waitUntil(lambda: window.message.isVisible(), timeout=20_000)
    said = f"The run of {head.created[11:16]}, {LONG.name} on noise, ended unexpectedly at step 18."
    assert window.message.text() == said
    click(qtbot, window, "Resume")
    qtbot.waitUntil(lambda: window.run.position.step == 30 and window.run.state is State.IDLE, timeout=30_000)
    assert window.run.recording == runs / FIRST
    window.close_unasked()
    end_unexpectedly(runs / FIRST)
    again = opened()
    again.first_offers.start()
    qtbot.waitUntil(lambda: "Last time: " in again.message.text(), timeout=20_000)


def test_that_a_run_of_another_window_is_shown_and_goes_on_in_a_copy(qtbot, opened, runs: Path) -> None:
    path = runs / FIRST
    end_unexpectedly(path)
    window = opened()
    with claimed(path):
        before = path.read_bytes()
        window.opener.open_path(path)
        qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=20_000)
        said = "as it is at epoch 3, step 18, while another window trains it: Resume would go on in a copy."
        qtbot.waitUntil(lambda: window.message.text().endswith(said), timeout=20_000)
        window.top.trainPressed.emit()
        qtbot.waitUntil(lambda: window.run.position.step == 30 and window.run.state is State.IDLE, timeout=30_000)
        assert path.read_bytes() == before
    assert window.run.recording not in (None, path)


def test_that_what_was_open_last_comes_back_with_its_past(qtbot, opened, runs: Path) -> None:
    first = opened()
    for _ in range(2):
        before = first.run.position.step
        first.top.stepPressed.emit()
        qtbot.waitUntil(lambda before=before: first.run.position.step == before + 1, timeout=20_000)
        qtbot.waitUntil(lambda: first.run.state is State.PAUSED, timeout=20_000)
    path = first.run.recording
    first.close_unasked()
    window = opened(offer=True)
    assert window.message.text() == f"Last time: {DESIGN.name} on other noise, epoch 1"
    click(qtbot, window, "Take it up")
    qtbot.waitUntil(lambda: window.run.recordings.own == path, timeout=20_000)
    assert len(window.run.history.minibatches) == 2


def test_that_a_name_given_in_compare_is_the_runs_name_here_until_another_is_given(
    qtbot, opened, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recording(runs / FIRST) as recording:
        id_ = recording.head.id
    RunNotes(runs).set(id_, name="mine")
    RecordingsFolder(runs, most_runs=1).prune()
    assert (runs / FIRST).exists(), "what has a name of the user's is not removed"
    window = opened()
    dialog = the_list(qtbot, window, 2)
    assert any(line.startswith("mine, ") for line in lines(dialog))
    assert any(", branch of mine at step 12, " in line for line in lines(dialog))
    choose(dialog, runs / FIRST)
    monkeypatch.setattr(dialog, "ask_name", lambda name: "better")
    dialog.rename_button.click()
    qtbot.waitUntil(lambda: any(line.startswith("better, ") for line in lines(dialog)), timeout=20_000)
    assert id_ not in RunNotes(runs).marks


def test_that_parent_and_branch_lead_to_each_other(qtbot, opened, runs: Path) -> None:
    window = opened()
    window.opener.open_path(runs / SECOND)
    qtbot.waitUntil(lambda: window.stack.title == "Watch" and shown(window) == 30, timeout=20_000)
    timeline = window.watch.timeline
    qtbot.waitUntil(timeline.family_button.isVisible, timeout=20_000)
    assert timeline.family_button.text() == "Parent"
    (action,) = timeline.family.actions()
    with Recording(runs / FIRST) as parent, Recording(runs / SECOND) as branch:
        losses = [*parent.minibatches(0, 12).loss, *branch.minibatches(13).loss]
        edits = [(step, text) for step, text in window.run.history.edits.sentences()]
    assert window.run.history.minibatches.column(1).tolist() == losses, "the curve begins with the parent's"
    assert edits == [(12, "learning rate 0.01 → 0.001")]
    window.watch.setFocus()
    QTest.keyClick(window.watch, Qt.Key.Key_Home)  # which is in the parent's recording
    qtbot.waitUntil(lambda: shown(window) == 0, timeout=20_000)
    assert action.text().startswith(f"Parent, at step 12: {LONG.name} of ")
    action.trigger()
    qtbot.waitUntil(lambda: window.run.recording == runs / FIRST and shown(window) == 12, timeout=20_000)
    qtbot.waitUntil(lambda: timeline.family_button.text() == "Branches", timeout=20_000)
    look = window.watch.look
    marks = [(one.step, one.text) for one in timeline_picture(look, look.past).marks if one.kind == "fork"]
    assert len(marks) == 1
    assert marks[0][0] == 12
    assert marks[0][1].startswith(f"branch: {LONG.name} of ")
    window.watch.setFocus()
    QTest.keyClick(window.watch, Qt.Key.Key_P)
    qtbot.waitUntil(timeline.family.isVisible, timeout=10_000)
    timeline.family.close()
