"""Two runs at any step that both have: the networks are those that were trained, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from recorded import recorded_run, set_rate
from small_run import DESIGN, noise, noise_data

import convviz
from convviz.core.optim import SGD
from convviz.files.cancel import LoadCancelledError
from convviz.gui.workspaces.compare.loading import curves_of
from convviz.gui.workspaces.compare.moment import Place
from convviz.gui.workspaces.compare.pair_moments import PairMoments
from convviz.gui.workspaces.compare.pair_page import PairPage
from convviz.gui.workspaces.compare.parted_settings import parted_settings
from convviz.present.compare.pair import parting
from convviz.present.compare.runs import rows_of
from convviz.run.opening import OpenData, split_of
from convviz.run.recording.branching import branched, parent_of
from convviz.run.recording.curves import with_rate
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.read import Recording
from convviz.training.images import Split

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
    found = moments.at(*runs, Place.ENDS)
    assert (found.step, found.ends, found.problem) == ((STEPS, 12), (STEPS, 12), "")
    assert moments.at(*runs, 5, OPEN).ends == (STEPS, 12)


def test_that_the_last_step_of_both_is_shown_unless_the_ends_are_asked_for(
    moments: PairMoments, runs: tuple[Path, Path]
) -> None:
    found = moments.at(*runs, Place.COMMON, OPEN)
    assert (found.step, found.ends, found.note) == ((12, 12), (STEPS, 12), "")
    assert found.words == "Both are shown after step 12, the last that both have; A went on."
    for path, arrays in zip(runs, found.arrays, strict=True):
        assert np.array_equal(arrays["conv1.weight"], weights(path, 12)["conv1.weight"])
    again = moments.at(*runs, Place.COMMON, OPEN)
    assert again.arrays[0]["conv1.weight"] is found.arrays[0]["conv1.weight"], "nothing is read or replayed again"
    ends = moments.at(*runs, Place.ENDS)
    assert ends.words == f"A is at step {STEPS} and B at step 12: a difference may be that of longer training."
    same = moments.at(runs[1], runs[1], Place.COMMON)
    assert (same.step, same.words) == ((12, 12), "")


def test_that_two_without_a_step_in_common_are_shown_at_their_ends(moments: PairMoments, tmp_path: Path) -> None:
    train, test = noise()
    a, b = tmp_path / "a.cvz", tmp_path / "b.cvz"
    recorded_run(a, DESIGN, train, test, stop=12)
    with Recording(a) as recording, Replayer(recording, train, test, threads=1) as replayer:
        state, parent = branched(replayer, 9), parent_of(recording, 9)
    recorded_run(b, DESIGN, train, test, state=state, parent=parent)
    short = tmp_path / "short.cvz"
    recorded_run(short, DESIGN, train, test, stop=4)
    found = moments.at(short, b, Place.COMMON, OPEN)
    assert (found.step, found.common) == ((4, STEPS), None)
    assert found.words.startswith(f"A is at step 4 and B at step {STEPS}")
    assert found.words.endswith("The two have no step in common.")
    assert moments.at(a, b, Place.COMMON, OPEN).step == (12, 12)


def test_that_each_at_its_end_and_the_same_step_are_a_click_apart(
    qtbot, moments: PairMoments, runs: tuple[Path, Path]
) -> None:
    page = PairPage()
    qtbot.addWidget(page)
    asked: list[object] = []
    page.stepAsked.connect(asked.append)
    page.show_moment(moments.at(*runs, Place.COMMON, OPEN))
    assert (page.slider.maximum(), page.slider.value(), page.where.text()) == (12, 12, "step 12")
    assert not page.ends.isHidden()
    page.ends.click()
    page.show_moment(moments.at(*runs, Place.ENDS))
    assert page.where.text() == f"A at step {STEPS}, B at 12"
    page.ends.click()
    page.show_moment(moments.at(runs[1], runs[1], Place.COMMON))
    assert page.ends.isHidden(), "they end at the same step"
    page.slider.setValue(11)
    assert asked == [Place.ENDS, Place.COMMON, 11]


def test_that_watch_is_asked_for_the_step_of_the_windows_own_run(
    qtbot, moments: PairMoments, runs: tuple[Path, Path]
) -> None:
    page = PairPage()
    qtbot.addWidget(page)
    asked: list[int] = []
    page.watchAsked.connect(asked.append)
    page.show_moment(moments.at(*runs, Place.ENDS))
    assert page.watch.isHidden()
    for own in runs:
        page.show_own_run(own)
        assert not page.watch.isHidden()
        page.watch.click()
    assert asked == [STEPS, 12]


def test_that_without_the_images_the_key_point_before_is_shown(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    found = moments.at(*runs, 5)
    assert found.step == (0, 0)
    assert found.note.startswith("This is the key point before step 5, which can't be replayed. a.cvz: its data set is")
    assert np.array_equal(found.arrays[1]["conv1.weight"], weights(runs[1], 0)["conv1.weight"])


def test_that_a_moment_that_nobody_waits_for_is_given_up(moments: PairMoments, runs: tuple[Path, Path]) -> None:
    with pytest.raises(LoadCancelledError):
        moments.at(*runs, 11, OPEN, cancelled=lambda: True)
    assert moments.at(*runs, 4, OPEN).step == (4, 4)


def test_that_each_network_of_a_pair_has_the_precision_of_its_run(
    moments: PairMoments, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    double = tmp_path / "double.cvz"
    train, test = (Split(one.images.astype(np.float64), one.labels) for one in noise())
    recorded_run(double, DESIGN, train, test, stop=2, precision=np.float64)
    found = moments.at(runs[0], double, Place.ENDS)
    assert [network.precision for network in found.networks()] == [np.float32, np.float64]
    assert [network.arrays["conv1.weight"].dtype for network in found.networks()] == [np.float32, np.float64]
    assert not list(moments.at(runs[0], tmp_path / "gone.cvz", Place.ENDS).networks())


def test_that_without_the_images_a_pair_opens_at_what_can_be_shown(moments: PairMoments, tmp_path: Path) -> None:
    train, test = noise()
    paths = tmp_path / "a.cvz", tmp_path / "b.cvz"
    for path, stop in zip(paths, (12, 5), strict=True):
        recorded_run(path, DESIGN, train, test, stop=stop)
    found = moments.at(*paths, Place.COMMON)
    assert found.step[0] == found.step[1]
    assert found.note.startswith(f"This is the key point before step {found.ends[1]}, which can't be replayed.")


def test_that_a_file_that_is_gone_is_said(moments: PairMoments, runs: tuple[Path, Path], tmp_path: Path) -> None:
    assert "gone.cvz" in moments.at(runs[0], tmp_path / "gone.cvz", 3, OPEN).problem


def test_that_the_designs_are_those_of_where_the_two_part(qtbot, moments: PairMoments, tmp_path: Path) -> None:
    train, test = noise()
    a, b = tmp_path / "a.cvz", tmp_path / "b.cvz"
    rate = DESIGN.training.optimiser.lr
    recorded_run(a, DESIGN, train, test, at={9: set_rate(2 * rate)}, stop=12)
    recorded_run(b, DESIGN, train, test, at={4: set_rate(3 * rate)}, stop=12)
    page = PairPage()
    qtbot.addWidget(page)
    ended = [with_rate(DESIGN, factor * rate) for factor in (2, 3)]
    listed = [ListedRun(path, 1, path.stem, design=one) for path, one in zip((a, b), ended, strict=True)]
    rows = rows_of(listed, {}, a)
    page.show_pair(*rows)
    assert (page.title.text(), page.fields.text()) == (
        "The designs differ in (A → B)",
        f"lr {2 * rate:g} → {3 * rate:g}",
    )
    page.show_pair(*rows, parting(curves_of(a), curves_of(b)))
    page.show_moment(moments.at(a, b, Place.ENDS))
    # Minibatch 5 is trained with another rate, so that the loss of the sixth is another one.
    assert page.title.text() == "At the update of step 5 the designs differ in (A → B)"
    assert page.fields.text() == f"lr {rate:g} → {3 * rate:g}"
    assert "They part at step 6: the first 5 minibatches are the same bit for bit" in page.about.text()
    both = "The update of step 5 is the first with another lr, the loss of step 6 the first that shows it."
    assert both in page.about.text()


def test_that_settings_of_a_loss_are_those_of_its_step_and_settings_of_an_update_those_of_the_one_before() -> None:
    rate, smoothing = with_rate(DESIGN, 0.5), replace(DESIGN.training, label_smoothing=0.25)
    smoothed, start = replace(DESIGN, training=smoothing), (0, DESIGN)
    # The loss itself is another one from the step on at which its labels are smoothed.
    found = parted_settings([start], [start, (4, smoothed)], 5)
    assert found is not None
    assert (found.titles[0], found.words) == ("At step 5 the designs differ in (A → B)", "")
    found = parted_settings([start, (701, rate)], [start], 703)
    assert found is not None
    assert found.titles[0] == "At the update of step 702 the designs differ in (A → B)"
    assert found.words.startswith("The update of step 702 is the first with another lr, the loss of step 703")
    assert [one.name for one in found.fields] == ["lr"]
    # Two edits, one after the other: which of them the loss shows is not known.
    found = parted_settings([start, (701, rate), (702, smoothed)], [start], 703)
    assert found is not None
    assert (found.titles[0], found.words) == ("At step 703 the designs differ in (A → B)", "")
    # What has long been different is not what the loss shows.
    found = parted_settings([start, (300, rate)], [start], 703)
    assert found is not None
    assert found.words == ""
    assert parted_settings([start], [start], 703) is None
