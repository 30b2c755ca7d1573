"""Two runs at any step that both have: the networks are those that were trained, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from small_run import DESIGN, noise_data

import convviz
from convviz.core.optim import SGD
from convviz.files.cancel import LoadCancelledError
from convviz.gui.workspaces.compare.pair_moments import PairMoments
from convviz.gui.workspaces.compare.pair_page import PairPage
from convviz.run.opening import OpenData, split_of

DATA = noise_data()
OPEN = OpenData(DATA.name, split_of(DATA, "training"), split_of(DATA, "test"))
FASTER = replace(DESIGN, training=replace(DESIGN.training, optimiser=SGD(lr=0.05)))
STEPS = DESIGN.training.epochs * 6


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    paths = folder / "a.cvz", folder / "b.cvz"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CONVVIZ_FAST", "0")  # as each test of a window replays
        convviz.train(DESIGN, DATA, record=paths[0])
        convviz.train(FASTER, DATA, epochs=2, record=paths[1])
    return paths


@pytest.fixture
def moments() -> Iterator[PairMoments]:
    made = PairMoments()
    yield made
    made.close()


def weights(path: Path, step: int) -> dict[str, np.ndarray]:
    with convviz.open_run(path, DATA) as run:
        return dict(run.at(step).network.arrays)


def test_that_any_common_step_is_replayed(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    for step in (5, 6, 3, 11):  # on, and back
        found = moments.at(*runs, step, OPEN)
        assert (found.common, found.step, found.note, found.problem) == ((0, 12), (step, step), "", "")
        for path, arrays in zip(runs, found.arrays, strict=True):
            for name, array in weights(path, step).items():
                assert np.array_equal(arrays[name], array), (path, step, name)


def test_that_a_step_that_only_one_has_is_the_last_of_both(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    found = moments.at(*runs, STEPS, OPEN)
    assert (found.step, found.note) == ((12, 12), "Step 12 is the last that both have.")


def test_that_the_ends_need_no_images(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    found = moments.at(*runs, None)
    assert (found.step, found.ends, found.problem) == ((STEPS, 12), (STEPS, 12), "")
    assert moments.at(*runs, 5, OPEN).ends == (STEPS, 12)


def test_that_the_ends_of_both_have_a_place_of_their_own_only_where_they_are_apart(
    qtbot, moments: PairMoments, runs: tuple[Path, Path]
) -> None:
    page = PairPage()
    qtbot.addWidget(page)
    asked: list[int] = []
    page.stepAsked.connect(asked.append)
    page.show_moment(moments.at(*runs, None))
    assert (page.slider.maximum(), page.slider.value()) == (13, 13)
    page.slider.setValue(12)
    page.show_moment(moments.at(*runs, 12, OPEN))
    assert (page.slider.maximum(), page.slider.value()) == (13, 12)
    page.show_moment(moments.at(runs[1], runs[1], None))
    assert (page.slider.maximum(), page.slider.value()) == (12, 12)
    page.slider.setValue(11)
    page.slider.setValue(12)
    assert asked == [12, 11, -1]


def test_that_without_the_images_the_key_point_before_is_shown(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    found = moments.at(*runs, 5)
    assert found.step == (0, 0)
    assert found.note.startswith("This is the key point before step 5, which can't be replayed. a.cvz: its data set is")
    assert np.array_equal(found.arrays[1]["conv1.weight"], weights(runs[1], 0)["conv1.weight"])


def test_that_a_moment_that_nobody_waits_for_is_given_up(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    with pytest.raises(LoadCancelledError):
        moments.at(*runs, 11, OPEN, cancelled=lambda: True)
    assert moments.at(*runs, 4, OPEN).step == (4, 4)


def test_that_a_file_that_is_gone_is_said(moments: PairMoments, runs: tuple[Path, Path], tmp_path: Path) -> None:
    assert "gone.cvz" in moments.at(runs[0], tmp_path / "gone.cvz", 3, OPEN).problem
