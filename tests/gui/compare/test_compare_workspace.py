"""Compare in the window: the list, curves over each other, and two runs side by side."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from controls import nameless
from msgspec.structs import replace
from patience import PATIENCE
from PySide6.QtCore import Qt
from small_run import DESIGN, noise_data
from whole_window import TITLES, WATCH, WholeWindow

import convviz
from convviz.core.optim import SGD
from convviz.gui.run_model.past import PastModel
from convviz.gui.workspaces.compare.adapter import CompareAdapter
from convviz.gui.workspaces.compare.moment import Place
from convviz.gui.workspaces.compare.page import TABS
from convviz.gui.workspaces.compare.pair_moments import PairMoment, PairMoments
from convviz.plurals import counted
from convviz.present.compare.differences import Difference
from convviz.probe.passes import lowered_forward
from convviz.probe.passes import run as forward
from convviz.storage.recording.catalogue import Catalogue

DATA = noise_data()
RUNS = {
    "a": DESIGN,
    "faster": replace(DESIGN, training=replace(DESIGN.training, optimiser=SGD(lr=0.05))),
    "seed": replace(DESIGN, training=replace(DESIGN.training, seed=1)),
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for name, design in RUNS.items():
        convviz.train(replace(design, name=name), DATA, record=folder / f"{name}.cvz")
    return folder


@pytest.fixture
def compare(qtbot, window: WholeWindow, recorded: Path, tmp_path: Path) -> Iterator[CompareAdapter]:
    for one in recorded.glob("*.cvz"):
        (tmp_path / one.name).write_bytes(one.read_bytes())
    window.stack.go_to(TITLES.index("Compare"))
    adapter = window.stack.front
    assert isinstance(adapter, CompareAdapter)
    adapter.open_folder(tmp_path)
    qtbot.waitUntil(lambda: len(adapter.rows) == 3, timeout=10000)
    adapter.set_pair("A", tmp_path / "a.cvz")
    adapter.set_pair("B", tmp_path / "faster.cvz")
    yield adapter
    adapter.page.tabs.go_to(0)
    adapter.page.runs.search.clear()
    adapter.bin.empty()
    adapter.open_folder(None)
    window.stack.go_to(WATCH)


def names(compare: CompareAdapter) -> list[str]:
    return [row.name for row in compare.page.runs.list.rows]


def press(qtbot, compare: CompareAdapter, name: str, key: Qt.Key) -> None:
    rows = compare.page.runs.list
    rows.choose(next(row.path for row in rows.rows if row.name == name))
    qtbot.keyClick(rows, key)


def test_that_runs_are_listed_with_what_differs_from_a(compare: CompareAdapter) -> None:
    rows = {row.name: row for row in compare.rows}
    assert rows["a"].chips == ()
    assert rows["faster"].chips == (Difference("training.optimiser.lr", "lr", "0.01", "0.05"),)
    assert [chip.words for chip in rows["seed"].chips] == ["seed 0 → 1"]
    history = convviz.train(RUNS["faster"], DATA).history
    assert rows["faster"].accuracy == history[-1].test_accuracy


def test_that_a_click_on_a_column_sorts_and_a_second_one_turns_it_round(qtbot, compare: CompareAdapter) -> None:
    rows = compare.page.runs.list
    at = rows.viewport().rect().topLeft()
    at.setX(80)
    at.setY(10)
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert names(compare) == ["a", "faster", "seed"]
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert names(compare) == ["seed", "faster", "a"]


def test_that_words_keep_the_runs_that_have_them(qtbot, compare: CompareAdapter) -> None:
    qtbot.keyClicks(compare.page.runs.search, "LR 0.05")
    assert names(compare) == ["faster"]
    assert compare.page.runs.foot.text().startswith("1 of 3 runs")


def test_that_keys_choose_the_pair_and_swap_it(qtbot, compare: CompareAdapter) -> None:
    press(qtbot, compare, "seed", Qt.Key.Key_B)
    assert (compare.a.stem, compare.b.stem) == ("a", "seed")
    press(qtbot, compare, "seed", Qt.Key.Key_A)
    assert (compare.a.stem, compare.b.stem) == ("seed", "a")


def test_that_stars_and_names_are_there_again(qtbot, compare: CompareAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    press(qtbot, compare, "seed", Qt.Key.Key_S)
    asked = "convviz.gui.workspaces.compare.adapter.QInputDialog.getText"
    monkeypatch.setattr(asked, lambda *_, **__: ("luckier", True))
    press(qtbot, compare, "seed", Qt.Key.Key_F2)
    assert "luckier" in names(compare)
    folder = compare.folder
    compare.open_folder(folder)
    qtbot.waitUntil(lambda: len(compare.rows) == 3, timeout=10000)
    row = next(row for row in compare.rows if row.name == "luckier")
    assert row.starred


def test_that_a_deleted_run_comes_back(qtbot, window: WholeWindow, compare: CompareAdapter) -> None:
    press(qtbot, compare, "seed", Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: sorted(names(compare)) == ["a", "faster"], timeout=10000)
    window.message.action_buttons[0].click()
    qtbot.waitUntil(lambda: sorted(names(compare)) == ["a", "faster", "seed"], timeout=10000)
    with convviz.open_run(compare.folder / "seed.cvz") as run:
        assert run.ended == "finished"


def test_that_curves_are_the_recorded_losses_and_follow_the_eyes(qtbot, compare: CompareAdapter) -> None:
    view = compare.page.curves.loss
    qtbot.waitUntil(lambda: len(view.readout(8.0)) == 5, timeout=10000)
    compare.page.curves.detail.selected.emit(0)
    compare.page.curves.detail.set_index(1)
    compare.page.curves.detail.selected.emit(1)
    with convviz.open_run(compare.folder / "a.cvz") as run:
        loss = run.minibatches.loss
    assert view.value_at(compare.a, 3.0) == pytest.approx(loss[2])
    press(qtbot, compare, "seed", Qt.Key.Key_Space)
    assert np.isnan(view.value_at(compare.folder / "seed.cvz", 3.0))
    compare.page.curves.detail.set_index(0)


def test_that_the_pointer_stands_over_both_pictures(qtbot, compare: CompareAdapter) -> None:
    curves = compare.page.curves
    qtbot.waitUntil(lambda: len(curves.loss.readout(8.0)) == 5, timeout=10000)
    curves.loss.setFocus()
    qtbot.keyClick(curves.loss, Qt.Key.Key_Right)
    assert curves.loss.at is not None
    assert curves.accuracy.at == curves.loss.at


def test_that_a_click_on_the_curves_moves_all_to_that_step(qtbot, compare: CompareAdapter) -> None:
    curves, pair = compare.page.curves, compare.page.pair
    qtbot.waitUntil(lambda: len(curves.loss.readout(8.0)) == 5, timeout=10000)
    curves.loss.setFocus()
    for _ in range(12):
        qtbot.keyClick(curves.loss, Qt.Key.Key_Right)
    qtbot.keyClick(curves.loss, Qt.Key.Key_Return)
    step = compare.moment.step
    assert step == round(curves.loss.at)
    assert (curves.loss.moment, curves.accuracy.moment) == (step, step)
    told = {one.name: one.value for one in curves.loss.values_at(step)}
    assert set(told) == {"A", "B", "B − A", "seed"}
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.where.text() == f"step {step:,}", timeout=10000)
    compare.page.tabs.go_to(0)
    qtbot.keyClick(curves.loss, Qt.Key.Key_Escape)
    assert compare.moment.step is Place.COMMON
    assert curves.accuracy.moment is None


def test_that_what_watch_shows_is_moved_only_when_it_is_asked_to(
    window: WholeWindow, compare: CompareAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[int | None] = []
    monkeypatch.setattr(PastModel, "go_to", lambda _, step: went.append(step))
    monkeypatch.setattr(PastModel, "back_to_live", lambda _: went.append(None))
    for step in (4, Place.ENDS, Place.COMMON):
        compare.moment.go_to(step)
    assert went == []
    compare.page.pair.watchAsked.emit(4)
    assert went == [4]
    assert window.stack.currentIndex() == WATCH


def test_that_a_place_on_every_axis_is_a_step(compare: CompareAdapter, qtbot) -> None:
    curves = compare.page.curves
    qtbot.waitUntil(lambda: compare.curves_known == 3, timeout=10000)
    compare.moment.go_to(4)
    try:
        for axis in (1, 2, 0):
            curves.axis.set_index(axis)
            curves.axis.selected.emit(axis)
            assert curves.loss.moment is not None
            curves.loss.momentAsked.emit(curves.loss.moment)
            assert compare.moment.step == 4
    finally:
        compare.moment.go_to(Place.COMMON)


def test_that_two_runs_are_compared_filter_by_filter(qtbot, compare: CompareAdapter) -> None:
    pair = compare.page.pair
    compare.page.tabs.go_to(1)
    with convviz.open_run(compare.a) as a, convviz.open_run(compare.b) as b:
        old, new = (run.at(run.last_step).network.arrays["conv1.weight"] for run in (a, b))
    change = [np.linalg.norm(y - x) / np.linalg.norm(x) for x, y in zip(old, new, strict=True)]
    qtbot.waitUntil(lambda: f"{max(change):.4g}" in pair.filters.facts.text(), timeout=10000)
    assert pair.chosen == f"conv1.weight[{int(np.argmax(change))}] · changed most"
    assert f"{max(change):.4g}" in pair.filters.facts.text()
    assert "They part at step 2: the first minibatch is the same bit for bit" in pair.about.text()
    assert "lr 0.01 → 0.05" in pair.fields.text()


def test_that_images_that_only_one_gets_right_are_shown(qtbot, compare: CompareAdapter) -> None:
    pair = compare.page.pair
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.answers.text().startswith("Both are right"), timeout=20000)
    found = []
    for name in ("a", "faster"):
        with convviz.open_run(compare.folder / f"{name}.cvz") as run:
            network = run.at(run.last_step).network
        found.append(convviz.predict(network, DATA.x_test).predicted == DATA.y_test)
    only_a = int((found[0] & ~found[1]).sum())
    assert pair.title_a.text() == f"only A is right: {only_a} image{'' if only_a == 1 else 's'}"


def test_that_figures_and_their_label_are_of_the_same_networks(qtbot, compare: CompareAdapter) -> None:
    pair = compare.page.pair
    compare.page.tabs.go_to(1)
    try:
        for step, title in ((None, "Test images after step 18"), (4, "Test images after step 4")):
            compare.moment.go_to(Place.COMMON if step is None else step)
            qtbot.waitUntil(lambda title=title: pair.answered.text() == title, timeout=20000)
            right = []
            for path in (compare.a, compare.b):
                with convviz.open_run(path, DATA) as run:
                    network = run.at(run.last_step if step is None else step).network
                right.append(convviz.predict(network, DATA.x_test).predicted == DATA.y_test)
            assert pair.answers.text().startswith(f"Both are right on {int((right[0] & right[1]).sum())}, ")
            only_b = int((right[1] & ~right[0]).sum())
            assert pair.title_b.text() == f"only B is right: {only_b} image{'' if only_b == 1 else 's'}"
    finally:
        compare.moment.go_to(Place.COMMON)


@contextmanager
def training(qtbot, compare: CompareAdapter, path: Path) -> Iterator[None]:
    """A run that trains on only when this is left; after its first epoch it is B, on the page of A and B."""
    go_on, begun = threading.Event(), threading.Event()

    def heard(event: object) -> None:
        if isinstance(event, convviz.EpochDone) and event.position.epoch == 1:
            begun.set()
            go_on.wait(PATIENCE)

    design = replace(RUNS["faster"], name="long")
    trains = threading.Thread(target=convviz.train, args=(design, DATA), kwargs={"record": path, "on_event": heard})
    trains.start()
    try:
        qtbot.waitUntil(begun.is_set)
        compare.page.runs.refreshAsked.emit()
        qtbot.waitUntil(lambda: any(row.path == path and row.epoch for row in compare.rows), timeout=10000)
        compare.set_pair("B", path)
        compare.page.tabs.go_to(1)
        yield
    finally:
        go_on.set()
        trains.join()


def test_that_a_run_that_trains_on_is_read_again_with_its_figures(
    qtbot, compare: CompareAdapter, tmp_path: Path
) -> None:
    pair, path = compare.page.pair, tmp_path / "long.cvz"
    with training(qtbot, compare, path):
        said = "the last that both have; A went on."
        qtbot.waitUntil(lambda: pair.about.text().endswith(said), timeout=20000)
        at = pair.where.text()
        qtbot.waitUntil(lambda: pair.answered.text() == f"Test images after {at}", timeout=20000)
        pair.ends.click()
        qtbot.waitUntil(lambda: pair.answered.text().startswith("Test images after step 18 in A and "), timeout=20000)
        first, title = pair.where.text(), pair.title_b.text()
        assert first.startswith("A at step 18, B at ")
        assert title == f"only B is right: {only_right(path, int(pair.answered.text().split()[-3]), compare.a)}"
    qtbot.waitUntil(lambda: pair.answered.text() == "Test images after step 18", timeout=20000)
    assert pair.title_b.text() == f"only B is right: {only_right(path, 18, compare.a)}"
    assert pair.ends.isHidden(), "both ended there"
    compare.moment.go_to(Place.COMMON)


def test_that_what_was_trained_while_a_pair_was_read_is_read_too(
    qtbot, compare: CompareAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, begun, go_on, read = tmp_path / "long.cvz", threading.Event(), threading.Event(), PairMoments.at

    def slowly(moments: PairMoments, *args: object) -> PairMoment:
        found = read(moments, *args)
        begun.set()
        go_on.wait(PATIENCE)
        return found

    try:
        with training(qtbot, compare, path):
            at = compare.page.pair.answered
            qtbot.waitUntil(lambda: at.text().startswith("Test images after step ") and at.text()[-2:] != "18")
            monkeypatch.setattr(PairMoments, "at", slowly)
            compare.page.tabs.go_to(0)
            compare.page.tabs.go_to(1)
            qtbot.waitUntil(begun.is_set)  # these networks are known already
        compare.page.runs.refreshAsked.emit()
        qtbot.waitUntil(lambda: any(row.path == path and row.ended == "finished" for row in compare.rows))
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: compare.page.pair.answered.text() == "Test images after step 18")


def test_that_no_network_is_shown_under_the_name_of_another(
    qtbot, compare: CompareAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, go_on, read = compare.page.pair, threading.Event(), PairMoments.at
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.filters.pair is not None and pair.answers.text().startswith("Both are right"))

    def slowly(moments: PairMoments, *args: object) -> PairMoment:
        go_on.wait(PATIENCE)
        return read(moments, *args)

    monkeypatch.setattr(PairMoments, "at", slowly)
    try:
        compare.set_pair("B", compare.folder / "seed.cvz")
        assert pair.filters.pair is None
        assert pair.filters.why.text() == "Both networks are being read …"
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: pair.filters.pair is not None)


def test_that_a_chosen_pair_is_read_once(qtbot, compare: CompareAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    pair, loader, asked = compare.page.pair, compare.loader, list[tuple[Path, Path]]()
    read = loader.read_pair

    def heard(a: Path, b: Path, *others: object) -> None:
        asked.append((a, b))
        read(a, b, *others)

    monkeypatch.setattr(loader, "read_pair", heard)
    compare.page.tabs.go_to(1)
    for name in ("faster", "seed"):
        compare.set_pair("B", compare.folder / f"{name}.cvz")
        asked.clear()
        compare.set_pair("A", compare.folder / "a.cvz")
        qtbot.waitUntil(lambda: pair.answers.text().startswith("Both are right") and not loader.is_reading_pair)
        assert asked == [(compare.folder / "a.cvz", compare.folder / f"{name}.cvz")]


def test_that_a_pair_that_was_being_read_is_read_when_compare_is_back(
    qtbot, window: WholeWindow, compare: CompareAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, read = threading.Event(), threading.Event(), PairMoments.at

    def slowly(moments: PairMoments, *args: object) -> PairMoment:
        begun.set()
        go_on.wait(PATIENCE)
        return read(moments, *args)

    monkeypatch.setattr(PairMoments, "at", slowly)
    compare.page.tabs.go_to(1)
    try:
        qtbot.waitUntil(begun.is_set)
        window.stack.go_to(WATCH)
    finally:
        go_on.set()
    window.stack.go_to(TITLES.index("Compare"))
    qtbot.waitUntil(lambda: compare.page.pair.answers.text().startswith("Both are right"))


def only_right(path: Path, step: int, other: Path) -> str:
    """How many images one run gets right after a step, and the other at its end does not."""
    right = []
    for one, at in ((path, step), (other, 18)):
        with convviz.open_run(one, DATA) as run:
            right.append(convviz.predict(run.at(at).network, DATA.x_test).predicted == DATA.y_test)
    return counted(int((right[0] & ~right[1]).sum()), "image")


def test_that_bars_and_tiles_choose_the_same_filter(qtbot, compare: CompareAdapter) -> None:
    pair, filters = compare.page.pair, compare.page.pair.filters
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.chosen.endswith("changed most"), timeout=10000)
    qtbot.mouseClick(filters.order.button(1), Qt.MouseButton.LeftButton)
    order = filters.bars.order.tolist()
    assert order == sorted(order, key=lambda number: -filters.pair.change[number])
    last = order[-1]
    filters.bars.chosen.emit(last)
    assert (filters.bars.filter, filters.views["A"].tile) == (last, last)
    assert pair.chosen == f"conv1.weight[{last}]"
    assert compare.status().left[2] == pair.chosen
    qtbot.mouseClick(filters.order.button(0), Qt.MouseButton.LeftButton)


def test_that_maps_of_the_same_image_are_compared(qtbot, compare: CompareAdapter) -> None:
    pair = compare.page.pair
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.answers.text().startswith("Both are right"), timeout=20000)
    qtbot.mouseClick(pair.what.button(1), Qt.MouseButton.LeftButton)
    pair.number.setValue(7)
    qtbot.waitUntil(lambda: "of x_test[7]" in pair.chosen, timeout=20000)
    wanted = []
    for path in (compare.a, compare.b):
        with convviz.open_run(path) as run:
            network = run.at(run.last_step).network
        env = forward(network, lowered_forward(network.design, 1)[0], DATA.x_test[7:8], np.float32)
        wanted.append(env["conv1.z"][0])
    np.testing.assert_array_equal(pair.filters.pair.a, wanted[0])
    np.testing.assert_array_equal(pair.filters.pair.difference, wanted[1] - wanted[0])
    qtbot.mouseClick(pair.what.button(0), Qt.MouseButton.LeftButton)
    assert pair.chosen.startswith("conv1.weight[")


def test_that_networks_without_a_common_layer_say_so(qtbot, compare: CompareAdapter) -> None:
    pair = compare.page.pair
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.filters.pair is not None, timeout=10000)
    weights = {name: {"conv1.weight": np.ones((count, 1, 3, 3), np.float32)} for name, count in (("a", 2), ("b", 3))}
    pair.show_moment(PairMoment(compare.a, compare.b, (1, 8), (8, 8), (weights["a"], weights["b"])))
    assert pair.filters.why.text() == "No layer has weights of the same shape in both."
    assert pair.filters.parts.isHidden()
    assert pair.layer.isHidden()
    assert pair.chosen == ""
    weights["b"]["conv1.weight"] = np.full((2, 1, 3, 3), 2.0, np.float32)
    pair.show_moment(PairMoment(compare.a, compare.b, (1, 8), (8, 8), (weights["a"], weights["b"])))
    assert not pair.filters.parts.isHidden()
    assert pair.filters.pair.change.tolist() == [1.0, 1.0]


def test_that_a_click_on_an_image_shows_its_maps(qtbot, compare: CompareAdapter) -> None:
    pair = compare.page.pair
    compare.page.tabs.go_to(1)
    qtbot.waitUntil(lambda: pair.answers.text().startswith("Both are right"), timeout=20000)
    pair.only_a.show_rows(pair.images, np.array([4, 9]), np.array([1, 1]), ("0", "1", "2", "3", *"456789"))
    qtbot.waitUntil(lambda: pair.only_a.isVisible() and pair.only_a.shown == 2, timeout=10000)  # is laid out
    qtbot.mouseClick(pair.only_a, Qt.MouseButton.LeftButton, pos=pair.only_a.place_of(1).center().toPoint())
    qtbot.waitUntil(lambda: "of x_test[9]" in pair.chosen, timeout=20000)
    assert pair.number.value() == 9
    qtbot.mouseClick(pair.what.button(0), Qt.MouseButton.LeftButton)


def test_that_the_list_is_exported(window: WholeWindow, compare: CompareAdapter, tmp_path: Path) -> None:
    compare.export_to(tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert {row["name"] for row in table} == {"a", "faster", "seed"}
    assert {row["training.optimiser.lr"] for row in table} == {"", "0.05"}
    data = tmp_path / "data.csv"
    data.write_text("label,pixel1\n3,0.5\n", encoding="utf-8")
    compare.export_to(data)
    assert "a list of runs to replace, got plain text" in window.message.text()
    assert data.read_text(encoding="utf-8") == "label,pixel1\n3,0.5\n"


def test_that_everything_has_a_name_with_runs_to_compare(qtbot, compare: CompareAdapter) -> None:
    found: list[str] = []
    for number, title in enumerate(TABS):
        compare.page.tabs.go_to(number)
        assert compare.page.tab == title
        if title == "A and B":
            qtbot.waitUntil(compare.page.pair.body.isVisible, timeout=10_000)
        found += nameless(compare.page)
    assert not found


def test_that_a_damaged_recording_says_so_in_its_row(qtbot, compare: CompareAdapter) -> None:
    (compare.folder / "broken.cvz").write_bytes(b"nothing")
    compare.page.runs.refreshAsked.emit()
    qtbot.waitUntil(lambda: len(compare.rows) == 4, timeout=10000)
    assert "expected a convviz recording" in compare.page.runs.list.rows[-1].problem


def test_that_rows_stay_as_they_are_where_the_folder_is_as_it_was(qtbot, compare: CompareAdapter) -> None:
    rows = compare.rows
    with qtbot.waitSignal(compare.loader.listed):
        compare.page.runs.refreshAsked.emit()
    assert compare.rows is rows
    (compare.folder / "seed.cvz").unlink()
    compare.page.runs.refreshAsked.emit()
    qtbot.waitUntil(lambda: sorted(names(compare)) == ["a", "faster"], timeout=10000)


def test_that_a_list_that_is_read_again_keeps_its_rows_and_pair_meanwhile(compare: CompareAdapter) -> None:
    pair = compare.a, compare.b
    runs = Catalogue().of(sorted(compare.folder.glob("*.cvz")))
    compare.loader.listed.emit(tuple(one for one in runs if one.path not in pair), False)
    assert len(compare.rows) == 3
    assert (compare.a, compare.b) == pair
    compare.loader.listed.emit(tuple(one for one in runs if one.path != compare.b), True)
    assert len(compare.rows) == 2
    assert (compare.a, compare.b) == (pair[0], None)
