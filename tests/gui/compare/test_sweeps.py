"""Sweeps in the window: one that is there, and one that is started, shown while it runs, and taken into Build."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace as replaced
from pathlib import Path

import pytest
from controls import controls, nameless
from msgspec.structs import replace
from PySide6.QtCore import Qt
from small_run import DESIGN, noise_data
from whole_window import TITLES, WATCH, WholeWindow

pytest.importorskip("distributed", reason="sweeps need Dask: pip install 'convviz[sweep]'")

import convviz
from convviz.__main__ import build_parser
from convviz.gui.workspaces.compare import sweep_places
from convviz.gui.workspaces.compare.adapter import CompareAdapter
from convviz.gui.workspaces.compare.new_sweep import NewSweep
from convviz.gui.workspaces.compare.page import TABS
from convviz.gui.workspaces.compare.sweep_page import SweepPage
from convviz.gui.workspaces.compare.sweep_process import SweepProcess
from convviz.gui.workspaces.compare.sweeping import Sweeping
from convviz.present.compare.sweep_table import SweepRun
from convviz.run.opening import split_of
from convviz.storage.designs import save_design
from convviz.sweeps.manifest import NAME, RunRecord, read_manifest, write_manifest

OVER = {"training.optimiser.lr": [0.001, 0.1], "layers.conv1.kernel": [3, 40]}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sweeps") / "sweep"
    convviz.sweep(DESIGN, noise_data(), OVER, out=out, seeds=2, workers=1)
    return out


@pytest.fixture
def compare(window: WholeWindow) -> Iterator[CompareAdapter]:
    window.stack.go_to(TITLES.index("Compare"))
    adapter = window.stack.front
    assert isinstance(adapter, CompareAdapter)
    yield adapter
    adapter.page.tabs.go_to(0)
    adapter.open_folder(None)
    window.stack.go_to(WATCH)


def shown(qtbot, compare: CompareAdapter, swept: Path) -> SweepPage:
    """The page of the sweep, once it shows this one: what an earlier test had there stays until then."""
    compare.open_folder(swept)
    page = compare.page.sweep
    qtbot.waitUntil(lambda: page.said.text() == "4 finished, 4 impossible" and page.heat.map is not None)
    return page


def accuracy_of(run: RunRecord) -> float:
    return -1.0 if run.accuracy is None else run.accuracy


def test_that_the_folder_of_a_sweep_shows_it(qtbot, window: WholeWindow, compare: CompareAdapter, swept: Path) -> None:
    page = shown(qtbot, compare, swept)
    assert compare.page.tab == "Sweep"
    done = read_manifest(swept / NAME)
    means = {}
    for run in done.runs:
        if run.accuracy is not None:
            means.setdefault(run.values["training.optimiser.lr"], []).append(run.accuracy)
    best = max(means, key=lambda rate: sum(means[rate]))
    assert f"best: lr {best:g}" in page.best.text()
    assert not nameless(compare.page)
    best_run = max((run for run in done.runs if run.values["training.optimiser.lr"] == best), key=accuracy_of)
    qtbot.waitUntil(lambda: compare.a == swept / best_run.file, timeout=10000)
    before = replace(DESIGN.training, epochs=77, train_size=None)
    window.edited.document.replace(replace(DESIGN, training=before), "longer than the sweep")
    page.use.click()
    taken = window.edited.document.design.training
    assert taken.optimiser.lr == best
    assert (taken.epochs, taken.train_size, taken.seed) == (77, None, DESIGN.training.seed)
    assert window.stack.currentIndex() == TITLES.index("Build")
    window.edited.document.replace(DESIGN, "back")


def test_that_the_table_of_a_sweep_is_sorted_and_exported(
    qtbot, compare: CompareAdapter, swept: Path, tmp_path: Path
) -> None:
    page = shown(qtbot, compare, swept)
    qtbot.waitUntil(lambda: len(compare.rows) == 4, timeout=10000)
    qtbot.mouseClick(page.form.button(2), Qt.MouseButton.LeftButton)
    table = page.table
    names = [column.name for column in table.rows.columns]
    table.horizontalHeader().sectionClicked.emit(names.index("test acc."))
    accuracies = [run.accuracy for run in table.rows.runs]
    assert accuracies[:4] == sorted(accuracies[:4], reverse=True)
    assert accuracies[4:] == [None] * 4
    assert "larger than its padded input" in table.rows.runs[-1].sentence
    table.selectRow(1)
    assert compare.page.runs.list.current == swept / table.rows.runs[1].file
    compare.sweeping.export_to(tmp_path / "sweep.csv")
    with (tmp_path / "sweep.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    done = read_manifest(swept / NAME)
    assert [line["test_accuracy"] for line in lines] == [
        "" if run.accuracy is None else str(run.accuracy) for run in done.runs
    ]
    qtbot.mouseClick(page.form.button(1), Qt.MouseButton.LeftButton)
    dot = next(run for run in table.rows.runs if run.accuracy is not None)
    qtbot.mouseClick(page.scatter, Qt.MouseButton.LeftButton, pos=page.scatter.point(dot).toPoint())
    chosen = compare.page.runs.list.current
    assert chosen is not None
    assert page.scatter.point(dot) == page.scatter.point(
        next(run for run in table.rows.runs if run.file == chosen.name)
    )
    qtbot.mouseClick(page.form.button(0), Qt.MouseButton.LeftButton)


def test_that_a_sweep_is_cancelled_for_good(qtbot, compare: CompareAdapter, swept: Path, tmp_path: Path) -> None:
    manifest = read_manifest(swept / NAME)
    waiting = replace(manifest.runs[0], state="waiting", accuracy=None, epochs=0)
    write_manifest(tmp_path / NAME, manifest.with_run(waiting))
    for run in manifest.runs[1:]:
        if run.state == "finished":
            (tmp_path / run.file).write_bytes((swept / run.file).read_bytes())
    compare.open_folder(tmp_path)
    page = compare.page.sweep
    qtbot.waitUntil(lambda: page.said.text() == "3 finished, 1 waiting, 4 impossible", timeout=10000)
    assert not page.resume.isHidden()
    assert not page.cancel.isHidden()
    compare.sweeping.cancel()
    qtbot.waitUntil(lambda: page.said.text() == "3 finished, 4 impossible, 1 cancelled", timeout=10000)
    assert page.resume.isHidden()
    assert page.cancel.isHidden()


def test_that_a_sweep_is_found_again_from_where_none_is_shown(
    qtbot, compare: CompareAdapter, swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sweeping, "sweeps", swept.parent)
    page = compare.page.sweep
    compare.open_folder(tmp_path)
    compare.page.tabs.go_to(TABS.index("Sweep"))
    qtbot.waitUntil(lambda: page.other.text() == "Open the last one, sweep", timeout=10000)
    qtbot.mouseClick(page.other, Qt.MouseButton.LeftButton)
    assert compare.folder == swept
    qtbot.waitUntil(lambda: page.said.text() == "4 finished, 4 impossible", timeout=10000)


def test_that_one_sweep_runs_at_a_time(
    qtbot, window: WholeWindow, compare: CompareAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SweepProcess, "is_running", True)
    monkeypatch.setattr(compare.sweeping, "running", tmp_path / "running")
    (tmp_path / "other").mkdir()
    compare.open_folder(tmp_path / "other")
    qtbot.waitUntil(lambda: compare.page.sweep.other.text() == "Show the sweep that runs", timeout=10000)
    compare.sweeping.ask()
    assert window.message.text().startswith("One sweep at a time")
    window.message.action_buttons[0].click()
    assert compare.folder == tmp_path / "running"
    assert not compare.page.sweep.stop.isHidden()


def test_that_a_damaged_manifest_is_told(qtbot, window: WholeWindow, compare: CompareAdapter, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    compare.open_folder(tmp_path)
    qtbot.waitUntil(lambda: NAME in window.message.text(), timeout=10000)
    window.message.say("")


def test_that_the_page_says_what_the_runs_are_doing(qtbot) -> None:
    page = SweepPage()
    qtbot.addWidget(page)
    runs = [SweepRun(f"{number}.cvz", {"lr": float(number)}, 0, "waiting", number=number) for number in (1, 2)]
    page.show_runs(runs, running=True, can_go_on=False)
    assert page.live.text() == "starting the processes …"
    page.show_live([{"number": 1, "step": 3, "steps": 9, "loss": 0.5}], 61.0)
    assert page.live.text() == "#1 3/9 loss 0.500   1:01 left"
    page.show_shares([replaced(runs[0], state="running", share=0.3), runs[1]])
    assert page.said.text() == "1 running, 1 waiting"
    page.show_runs(runs, running=True, can_go_on=False, stopping=True)
    assert page.stop.text() == "Pausing …"
    assert not page.stop.isEnabled()
    assert not page.cancel.isEnabled()
    page.show_live([], None)
    assert page.live.text() == ""
    page.show_runs(runs, running=False, can_go_on=True)
    assert not page.resume.isHidden()
    assert page.cancel.isEnabled()


def dialog_of(qtbot, compare: CompareAdapter) -> NewSweep:
    data = noise_data()
    images = split_of(data, "training"), split_of(data, "test")
    dialog = NewSweep(DESIGN, compare.page.window(), images)
    qtbot.addWidget(dialog)
    return dialog


def test_that_the_dialog_says_how_many_runs_there_are_and_how_long_they_take(qtbot, compare: CompareAdapter) -> None:
    dialog = dialog_of(qtbot, compare)
    assert [field.path for field in dialog.fields] == ["training.optimiser.lr", "layers.conv1.filters"]
    first, second = dialog.fields
    first.count.setValue(4)
    second.set_values("2,3")
    dialog.settings.seeds.setValue(3)
    qtbot.waitUntil(lambda: dialog.said.text() == "24 runs", timeout=20000)
    qtbot.waitUntil(lambda: dialog.time.text().startswith("about "), timeout=120000)
    assert dialog.start.isEnabled()
    dialog.show()
    found = nameless(dialog)
    assert len(list(controls(dialog))) > 10
    dialog.hide()
    assert not found


def test_that_the_dialog_names_what_is_impossible_before_it_starts(qtbot, compare: CompareAdapter) -> None:
    dialog = dialog_of(qtbot, compare)
    dialog.fields[1].field.set_value("layers.conv1.kernel")
    dialog.fields[1].field.edited.emit("layers.conv1.kernel")
    dialog.fields[1].set_values("3,40")
    qtbot.waitUntil(lambda: dialog.said.text() == "5 runs", timeout=20000)
    assert dialog.reasons.text().startswith("5 are impossible: conv1: filter 40×40 is larger than its padded input")
    dialog.fields[1].set_values("40")
    qtbot.waitUntil(lambda: dialog.said.text().startswith("no run can be trained"), timeout=20000)
    assert not dialog.start.isEnabled()
    dialog.fields[1].set_values("3,0")
    assert "kernel" in dialog.said.text()
    assert "got 0" in dialog.fields[1].said.text()
    assert not dialog.start.isEnabled()


def test_that_each_field_can_be_removed(qtbot, compare: CompareAdapter) -> None:
    dialog = dialog_of(qtbot, compare)
    dialog.show()
    dialog.resize(dialog.minimumWidth(), 700)
    for one in (field.remove for field in dialog.fields):
        qtbot.waitUntil(lambda one=one: one.visibleRegion().boundingRect() == one.rect(), timeout=10000)
    rate, filters = dialog.fields
    assert filters.remove.accessibleName() == f"Remove {filters.path}"
    qtbot.mouseClick(filters.remove, Qt.MouseButton.LeftButton)
    assert dialog.fields == [rate]


def test_that_the_dialog_writes_the_command(qtbot, compare: CompareAdapter, tmp_path: Path) -> None:
    dialog = dialog_of(qtbot, compare)
    qtbot.mouseClick(dialog.settings.search.button(1), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.settings.halving, Qt.MouseButton.LeftButton)
    dialog.settings.draws.setValue(9)
    dialog.settings.epochs.setValue(4)
    dialog.fields[1].set_values("2,3")
    args = build_parser().parse_args(["sweep", *dialog.words(tmp_path / "design.toml", tmp_path, None)])
    assert args.set == ["training.optimiser.lr=0.001..0.1:log", "layers.conv1.filters=2,3"]
    assert (args.random, args.drawing, args.halving, args.epochs, args.seeds) == (9, 0, "1:3", 4, 1)


def test_that_the_dialog_takes_the_address_of_a_scheduler(qtbot, compare: CompareAdapter, tmp_path: Path) -> None:
    dialog = dialog_of(qtbot, compare)
    dialog.settings.scheduler.setText("somewhere")
    assert dialog.said.text().startswith("scheduler: expected an address such as tcp://192.168.0.7:8786")
    assert not dialog.start.isEnabled()
    dialog.settings.scheduler.setText("tcp://127.0.0.1:8786")
    qtbot.waitUntil(dialog.start.isEnabled, timeout=20000)
    assert dialog.time.text() == "how long they take depends on the scheduler's machines"
    assert not dialog.settings.workers.isEnabled()
    args = build_parser().parse_args(["sweep", *dialog.words(tmp_path / "design.toml", tmp_path, None)])
    assert (args.scheduler, args.workers) == ("tcp://127.0.0.1:8786", None)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What the command was started with; it is not."""
    found: list[list[str]] = []
    monkeypatch.setattr(SweepProcess, "start", lambda _self, words: found.append(list(words)))
    monkeypatch.setattr(Sweeping, "sweeps", tmp_path / "sweeps")
    # The window is shared: what is chosen here is not what it begins with in other tests.
    monkeypatch.setattr(sweep_places, "SCHEDULER", "test/scheduler")
    return found


def begin_elsewhere(qtbot, compare: CompareAdapter) -> Path:
    dialog = dialog_of(qtbot, compare)
    dialog.settings.set_where("tcp://nowhere.invalid:8786", None)
    compare.sweeping.start(dialog)
    assert compare.folder is not None
    return compare.folder


def test_that_a_sweep_without_its_scheduler_leaves_nothing_behind(
    qtbot, window: WholeWindow, compare: CompareAdapter, tmp_path: Path, started: list[list[str]]
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    compare.open_folder(before)
    folder = begin_elsewhere(qtbot, compare)
    assert folder.parent == tmp_path / "sweeps"
    assert started[0][started[0].index("--scheduler") + 1] == "tcp://nowhere.invalid:8786"
    told = "--scheduler tcp://nowhere.invalid:8786: expected a Dask scheduler, got no answer"
    compare.sweeping.process.ended.emit(told)
    assert told in window.message.text()
    assert not window.message.action_buttons
    assert not folder.exists()
    assert compare.folder == before


def test_that_a_sweep_goes_on_here_once_its_scheduler_is_gone(
    qtbot, window: WholeWindow, compare: CompareAdapter, swept: Path, started: list[list[str]]
) -> None:
    folder = begin_elsewhere(qtbot, compare)
    (folder / NAME).write_bytes((swept / NAME).read_bytes())
    compare.sweeping.process.ended.emit("")  # paused
    compare.sweeping.resume()
    assert started[-1][-2:] == ["--scheduler", "tcp://nowhere.invalid:8786"]
    compare.sweeping.process.ended.emit("--scheduler tcp://nowhere.invalid:8786: expected a Dask scheduler")
    assert folder.exists()
    window.message.action_buttons[0].click()
    compare.sweeping.process.ended.emit("")
    compare.sweeping.resume()
    assert started[-2:] == [["--resume", "--out", str(folder)]] * 2
    compare.sweeping.process.ended.emit("")


def test_that_the_dialog_refuses_a_field_twice(qtbot, compare: CompareAdapter) -> None:
    dialog = dialog_of(qtbot, compare)
    dialog.fields[1].field.set_value(dialog.fields[0].path)
    dialog.fields[1].field.edited.emit(dialog.fields[0].path)
    qtbot.waitUntil(lambda: dialog.fields[0].path in dialog.said.text(), timeout=20000)
    assert not dialog.start.isEnabled()


def test_that_a_sweep_is_shown_while_it_runs(qtbot, compare: CompareAdapter, tmp_path: Path) -> None:
    digits = convviz.preset("course-7x7")
    layers = tuple(replace(one, filters=2) if one.name == "conv1" else one for one in digits.layers)
    small = replace(digits, layers=layers, training=replace(digits.training, epochs=1, test_size=50))
    save_design(small, tmp_path / "design.toml")
    dialog = NewSweep(small, compare.page.window())
    qtbot.addWidget(dialog)
    dialog.settings.images.setValue(200)
    dialog.settings.workers.setValue(1)
    dialog.fields[0].set_values("0.01,0.1")
    dialog.fields[1].set_values("2")
    out = tmp_path / "out"
    sweeping, page = compare.sweeping, compare.page.sweep
    words = dialog.words(tmp_path / "design.toml", out, None)
    out.mkdir()
    compare.open_folder(out)
    with qtbot.waitSignal(sweeping.runDone, timeout=180000):
        sweeping.begin(out, words)
        assert not page.stop.isHidden()
    qtbot.waitUntil(lambda: not sweeping.process.is_running, timeout=120000)
    qtbot.waitUntil(lambda: page.said.text() == "2 finished", timeout=20000)
    qtbot.waitUntil(lambda: len(compare.rows) == 2, timeout=20000)
    assert page.stop.isHidden()
