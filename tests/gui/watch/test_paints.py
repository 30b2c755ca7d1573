"""How much is done for a picture: paints and calls are counted, not time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget

from convviz.core.design import course_design
from convviz.data.builtin import load_builtin
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.theme import Theme
from convviz.gui.theme.fonts import Fonts
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.watch.page import WatchPage
from convviz.gui.workspaces.watch.side_panel import NARROW, WIDE, WIDE_FROM
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.filter_detail import FilterDetailView
from convviz.gui.workspaces.watch.views.layer_card import LayerCard
from convviz.gui.workspaces.watch.views.run_curves import RunCurves
from convviz.present import history as history_module
from convviz.present.history import SMOOTHING, History
from convviz.present.watch.curves import run_curves
from convviz.present.watch.look import Look
from convviz.present.watch.past_look import PastLook
from convviz.run.opening import split_of
from convviz.training.events import Compiling, MinibatchDone
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.trainer import Trainer


class Events(QObject):
    """Counts the events of one kind by the widget's accessible name, or its class.

    Those of the window that tests share do not count: it stands aside, and may still paint what another test did.
    """

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self._kind = kind
        self.seen: Counter[str] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        counts = event.type() == self._kind and isinstance(watched, QWidget)
        if counts and not isinstance(watched.window(), MainWindow):
            self.seen[watched.accessibleName() or type(watched).__name__] += 1
        return False


@pytest.fixture
def paints() -> Iterator[Events]:
    counter = Events(QEvent.Type.Paint)
    app = QCoreApplication.instance()
    assert app is not None
    app.installEventFilter(counter)
    yield counter
    app.removeEventFilter(counter)


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    """The first minibatches of a run, seen on one image."""
    data = load_builtin().take(train_size=640, test_size=32)
    train, test = split_of(data, "training"), split_of(data, "test")
    found: list[Snapshot] = []
    with Trainer(course_design(), train, test, threads=1) as trainer:
        for event in trainer.run():
            if isinstance(event, Compiling):
                continue
            if not isinstance(event, MinibatchDone):
                break
            gradients = {name: np.array(array) for name, array in trainer.gradients().items()}
            found.append(take_snapshot(trainer.network, test, "test", 3, event.position, gradients))
    return found


@pytest.fixture
def watch(qtbot, theme: Theme, snapshots: list[Snapshot]) -> WatchPage:
    run = RunModel(1)
    made = WatchPage(WatchedModel(run), History())
    run.setParent(made)
    qtbot.addWidget(made)
    made.resize(1440, 860)
    made.show()
    qtbot.waitExposed(made)
    for snapshot in snapshots[:-2]:
        made.show_snapshot(snapshot)
    made.show_all()
    settle()
    made.show_snapshot(snapshots[-3])  # what stands around the pictures has found its place
    settle()
    return made


def settle() -> None:
    """Paint and lay out what is due."""
    for _ in range(4):
        QCoreApplication.processEvents()


def test_that_an_unchanged_snapshot_repaints_nothing(
    watch: WatchPage, snapshots: list[Snapshot], paints: Events
) -> None:
    watch.show_snapshot(snapshots[-3])
    settle()
    assert not paints.seen


def test_that_a_new_snapshot_paints_what_changed_once_and_no_card(
    watch: WatchPage, snapshots: list[Snapshot], paints: Events
) -> None:
    watch.show_snapshot(snapshots[-2])
    settle()
    assert paints.seen["network map"] == 1
    assert paints.seen["conv1.weight[0, 0]"] <= 1
    for name in ("Network", "Loss", "Accuracy", "Settings", "FilterDetailView"):
        assert paints.seen[name] == 0, name


def test_that_only_columns_whose_numbers_changed_are_coloured(watch: WatchPage, snapshots: list[Snapshot]) -> None:
    shown = watch.network.map
    before = shown.coloured
    watch.show_snapshot(snapshots[-2])
    assert shown.coloured == before + 2, "conv1 and dense1; the image is the same"
    watch.show_snapshot(snapshots[-2])
    assert shown.coloured == before + 2


def test_that_a_new_snapshot_lays_nothing_out_anew(watch: WatchPage, snapshots: list[Snapshot]) -> None:
    widgets = [*watch.findChildren(QWidget), watch]
    before = [widget.geometry() for widget in widgets]
    counter = Events(QEvent.Type.LayoutRequest)
    laid_out = [watch, watch.detail, watch.network]
    for widget in laid_out:
        widget.installEventFilter(counter)
    watch.show_snapshot(snapshots[-2])
    settle()
    assert [widget.geometry() for widget in widgets] == before
    assert not counter.seen


@pytest.mark.parametrize("width", [1100, 1500])
def test_that_another_size_of_the_window_lays_the_map_out_once(watch: WatchPage, width: int) -> None:
    watch.resize(1290 if width > 1290 else 1440, 860)
    settle()
    sizes = Events(QEvent.Type.Resize)
    watch.network.map.installEventFilter(sizes)
    watch.resize(width, 860)  # the panel at the side has another width, too
    settle()
    assert watch.views.side.width() == (WIDE if width >= WIDE_FROM else NARROW)
    assert dict(sizes.seen) == {"network map": 1}


def test_that_a_hidden_page_paints_and_colours_nothing(
    watch: WatchPage, snapshots: list[Snapshot], paints: Events
) -> None:
    shown = watch.network.map
    before = shown.coloured
    watch.hide()
    paints.seen.clear()
    watch.show_snapshot(snapshots[-2])
    settle()
    assert (shown.coloured, dict(paints.seen)) == (before, {})
    watch.show()
    settle()
    assert shown.coloured == before + 2


def test_that_the_timeline_names_the_live_step_before_its_plot_is_drawn_anew(
    watch: WatchPage, snapshots: list[Snapshot], paints: Events
) -> None:
    minibatches(watch.look.history, 4)
    watch.show_past(PastLook(live=2, epoch_length=3, can_replay=True))
    settle()
    timeline = watch.timeline
    assert timeline.isVisible()
    drawn = timeline.plot.last
    watch.set_past(PastLook(live=4, epoch_length=3, can_replay=True))
    assert timeline.where.texts[0].startswith("epoch 2, step 4 · loss ")
    assert timeline.plot.last == drawn


def test_that_while_it_trains_the_slow_views_follow_one_by_one_those_that_were_clicked_first(
    qtbot, watch: WatchPage, snapshots: list[Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.show_snapshot(snapshots[-2], more_follow=True)
    calls: list[list[WatchView]] = []
    plain = watch.views.show

    def show(look: Look, wanted: Callable[[WatchView], bool]) -> None:
        calls.append([view for view in watch.views.made if wanted(view)])
        plain(look, wanted)

    monkeypatch.setattr(watch.views, "show", show)
    watch.show_all()
    assert watch.network in calls[0]
    assert not any(view.is_slow for view in calls[0])
    slow = {view for view in watch.views.in_sight() if view.is_slow}
    qtbot.waitUntil(lambda: slow <= {view for call in calls[1:] for view in call})
    alone = [call for call in calls[1:] if any(view.is_slow for view in call)]
    assert all(len(call) == 1 for call in alone)
    assert {type(call[0]) for call in alone[:2]} == {LayerCard, FilterDetailView}


def test_that_fonts_are_made_once(watch: WatchPage, snapshots: list[Snapshot], monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []
    for kind in ("interface", "numbers"):
        plain = getattr(Fonts, kind)

        def counted(self, size, weight, plain=plain):
            made.append(size)
            return plain(self, size, weight)

        monkeypatch.setattr(Fonts, kind, counted)
    for number in range(40):
        watch.show_snapshot(snapshots[number % len(snapshots)])
        settle()
    assert len(made) <= 4


# Curves


def minibatches(history: History, count: int) -> None:
    for _ in range(count):
        step = len(history.minibatches) + 1
        history.minibatches.add(step, 2.0 / step, min(1.0, step / 500))


def computed(view: CurveView) -> int:
    return sum(heights.computed for heights in view.heights)


def test_that_a_minibatch_appends_a_point_and_smooths_no_more_than_its_window(
    qtbot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves, history = RunCurves(), History()
    qtbot.addWidget(curves)
    minibatches(history, 700)
    curves.show_picture(run_curves(history))
    smoothed: list[int] = []
    plain = history_module.smooth
    monkeypatch.setattr(
        history_module, "smooth", lambda values, window: (smoothed.append(len(values)), plain(values, window))[1]
    )
    before = computed(curves.loss)
    minibatches(history, 1)
    curves.show_picture(run_curves(history))
    # The loss of the minibatch and its mean; accuracy is behind a tab, and drawn when it comes to the front.
    assert computed(curves.loss) == before + 2
    assert not curves.accuracy.series
    curves.show_tab("Accuracy")
    assert curves.accuracy.series
    assert smoothed == [SMOOTHING, SMOOTHING]


def test_that_a_mean_worked_out_bit_by_bit_is_that_of_all_values_also_of_another_run() -> None:
    history, rng = History(), np.random.default_rng(0)
    for run in range(2):
        for count in (1, 3, 60, 1, 200):
            for value in rng.normal(size=count):
                history.minibatches.add(len(history.minibatches) + 1, value, np.nan if run else value)
            history.mean(1)
        expected = history_module.smooth(history.minibatches.column(1), SMOOTHING)
        np.testing.assert_allclose(history.mean(1), expected, rtol=1e-9, atol=1e-12)
        assert np.isnan(history.mean(2)).all() == bool(run)
        losses, (name, curve) = history.minibatches.column(1), history.smoothed(1)
        counts = [min(SMOOTHING, (number + 1) // 2) for number in range(1, len(losses) + 1)]
        means = [losses[end - count : end].mean() for end, count in enumerate(counts, 1)]
        np.testing.assert_allclose(curve, means, rtol=1e-9, atol=1e-12)
        assert name == "mean of 50"
        history.clear()


def test_that_another_run_is_drawn_anew_though_it_has_as_many_points(qtbot, theme: Theme) -> None:
    curves, history = RunCurves(), History()
    qtbot.addWidget(curves)
    minibatches(history, 20)
    curves.show_picture(run_curves(history))
    assert curves.loss.values_at(20)[0][2] == pytest.approx(0.1)
    high = curves.loss.y_range()[1]
    history.clear()
    for step in range(1, 31):
        history.minibatches.add(step, 500.0, 0.5)
    curves.show_picture(run_curves(history))
    assert curves.loss.y_range()[1] > 100 * high
