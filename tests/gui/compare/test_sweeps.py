"""Sweeps in the window: one that is there, and one that is started, shown while it runs, and taken into Build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from small_run import DESIGN, noise_data
from whole_window import TITLES, WATCH, WholeWindow

pytest.importorskip("distributed", reason="sweeps need Dask: pip install 'convviz[sweep]'")

import convviz
from convviz.gui.workspaces.compare.adapter import CompareAdapter
from convviz.gui.workspaces.compare.new_sweep import NewSweep
from convviz.storage.designs import save_design
from convviz.sweeps.manifest import NAME, read_manifest

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


def test_that_the_folder_of_a_sweep_shows_it(qtbot, window: WholeWindow, compare: CompareAdapter, swept: Path) -> None:
    compare.open_folder(swept)
    page = compare.page.sweep
    qtbot.waitUntil(lambda: page.heat.map is not None, timeout=10000)
    assert compare.page.tab == "Sweep"
    assert page.said.text() == "4 finished, 4 impossible"
    done = read_manifest(swept / NAME)
    means = {}
    for run in done.runs:
        if run.accuracy is not None:
            means.setdefault(run.values["training.optimiser.lr"], []).append(run.accuracy)
    best = max(means, key=lambda rate: sum(means[rate]))
    assert f"best: lr {best:g}" in page.best.text()
    page.use.click()
    assert window.edited.document.design.training.optimiser.lr == best
    window.edited.document.replace(DESIGN, "back")


def test_that_the_dialog_says_how_many_runs_there_are_and_what_is_wrong(qtbot, compare: CompareAdapter) -> None:
    dialog = NewSweep(DESIGN, compare.page.window())
    qtbot.addWidget(dialog)
    assert dialog.said.text().startswith("10 runs.")
    dialog.seeds.setValue(3)
    assert dialog.said.text().startswith("30 runs.")
    dialog.values[1].setText("8,0")
    assert "expected a whole number from 1 to 65,536, got 0" in dialog.said.text()
    assert not dialog.start.isEnabled()


def test_that_a_sweep_is_shown_while_it_runs(qtbot, compare: CompareAdapter, tmp_path: Path) -> None:
    digits = convviz.preset("course-7x7")
    layers = tuple(replace(one, filters=2) if one.name == "conv1" else one for one in digits.layers)
    small = replace(digits, layers=layers, training=replace(digits.training, epochs=1, test_size=50))
    save_design(small, tmp_path / "design.toml")
    dialog = NewSweep(small, compare.page.window())
    qtbot.addWidget(dialog)
    dialog.images.setValue(200)
    dialog.values[0].setText("0.01,0.1")
    dialog.values[1].setText("2")
    out = tmp_path / "out"
    sweeping, page = compare.sweeping, compare.page.sweep
    words = [*dialog.words(tmp_path / "design.toml", out, None), "--workers", "1"]
    out.mkdir()
    compare.open_folder(out)
    with qtbot.waitSignal(sweeping.runDone, timeout=90000):
        sweeping.begin(out, words)
        assert not page.stop.isHidden()
    qtbot.waitUntil(lambda: not sweeping.process.is_running, timeout=60000)
    qtbot.waitUntil(lambda: page.said.text() == "2 finished", timeout=20000)
    qtbot.waitUntil(lambda: len(compare.rows) == 2, timeout=20000)
    assert page.stop.isHidden()
