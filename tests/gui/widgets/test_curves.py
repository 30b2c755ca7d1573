"""What a view of curves shows, and how it is walked, zoomed and read."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt

from convviz.gui.theme import Theme
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.workspaces.watch.views.run_curves import RunCurves
from convviz.present.history import History, smooth
from convviz.present.series import Series
from convviz.present.watch.curves import run_curves
from convviz.present.watch.layer_curves import layer_curves
from convviz.present.watch.look import Look
from convviz.storage.network_state import EpochMeasures
from convviz.training.events import MinibatchDone, Position


def zoom(curves: CurveView, low: float, high: float) -> None:
    """Show a range of x as the wheel does."""
    curves.box.setXRange(low, high, padding=0)
    curves.box.sigRangeChangedManually.emit([True, False])


@pytest.fixture
def curves(qtbot, theme: Theme) -> CurveView:
    made = CurveView(y_name="loss", x_name="step")
    qtbot.addWidget(made)
    made.resize(400, 240)
    steps = np.arange(1, 101)
    made.set_series(
        [
            Series("each minibatch", steps, 1 / steps, token="raw", kind="raw"),
            Series("smoothed", steps, smooth(1 / steps, 10)),
        ]
    )
    made.show()
    qtbot.waitExposed(made)
    return made


def test_that_without_values_a_sentence_says_so(qtbot, theme: Theme) -> None:
    made = CurveView(empty="Train to see the loss.")
    qtbot.addWidget(made)
    made.show()
    assert made.empty.isVisible()
    assert not made.plot.getPlotItem().isVisible()
    assert made.accessibleDescription() == "Train to see the loss."
    made.set_series([Series("loss", np.array([1]), np.array([2.0]))])
    assert not made.empty.isVisible()
    assert made.accessibleDescription() == "latest: loss 2"


def test_that_the_sentence_stays_in_the_middle_of_the_plot(qtbot, theme: Theme) -> None:
    made = CurveView(empty="Train to see the loss.")
    qtbot.addWidget(made)
    made.show()
    for height in (300, 60, 240):
        made.resize(400, height)  # what stands around the plot comes and goes with the height
        for _ in range(4):
            QCoreApplication.processEvents()
        assert made.empty.geometry() == made.plot.rect().adjusted(16, 0, -16, 0)
    made.plot.setFixedHeight(100)
    qtbot.waitUntil(lambda: made.empty.height() == 100)


def test_that_the_crosshair_tells_exact_values_of_the_nearest_step(curves: CurveView) -> None:
    curves.show_at(33.4)
    text = curves.crosshair.box.text()
    assert "step 33" in text
    assert "0.03030303" in text
    curves.show_at(None)
    assert curves.crosshair.box.isHidden()


def test_that_arrow_keys_walk_along_the_curve_and_enter_picks(curves: CurveView, qtbot) -> None:
    seen: list[float] = []
    curves.hovered.connect(seen.append)
    qtbot.keyClick(curves, Qt.Key.Key_End)
    qtbot.keyClick(curves, Qt.Key.Key_Left)
    qtbot.keyClick(curves, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert seen == [100, 99, 89]
    with qtbot.waitSignal(curves.picked, timeout=500) as caught:
        qtbot.keyClick(curves, Qt.Key.Key_Return)
    assert caught.args == [89]


def test_that_a_click_selects_a_step_and_the_readout_goes_back_to_it(curves: CurveView, qtbot) -> None:
    plot = curves.plot.viewport()
    middle = plot.rect().center()
    qtbot.mouseMove(plot, middle)
    curves.show_at(33)
    with qtbot.waitSignal(curves.picked, timeout=2000) as caught:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=middle)
    curves.show_at(80)
    curves.leaveEvent(QEvent(QEvent.Type.Leave))
    assert curves.at == caught.args[0] != 80
    assert curves.crosshair.box.isVisible()
    qtbot.keyClick(curves, Qt.Key.Key_Escape)
    assert curves.crosshair.box.isHidden()


def test_that_the_keys_walk_over_minibatches_though_a_curve_of_epochs_lies_on_top(curves: CurveView, qtbot) -> None:
    steps = np.arange(1, 1001)
    epochs = np.array([500, 1000])
    curves.set_series(
        [
            Series("each minibatch", steps, 1 / steps, token="raw", kind="raw"),
            Series("test", epochs, np.array([0.5, 0.4]), token="test", kind="points"),
        ]
    )
    zoom(curves, 300, 400)
    qtbot.keyClick(curves, Qt.Key.Key_Right)
    assert curves.at == 300
    qtbot.keyClick(curves, Qt.Key.Key_Right)
    assert curves.at == 301
    qtbot.keyClick(curves, Qt.Key.Key_PageDown)
    assert curves.at == 401
    low, high = curves.box.viewRange()[0]
    assert low < 401 < high
    assert high - low == pytest.approx(100)


def test_that_y_follows_what_is_in_sight_of_x(curves: CurveView) -> None:
    zoom(curves, 80, 100)
    low, high = curves.y_range()
    assert 0 <= low < 1 / 100
    assert 1 / 80 < high < 0.2  # the mean of ten lies higher than the values
    curves.fit()
    assert curves.y_range()[1] >= 1


def test_that_zooming_out_to_all_follows_again(curves: CurveView) -> None:
    zoom(curves, 80, 100)
    assert "double-click shows all" in curves.hint.text()
    assert "wheel" not in curves.hint.text()
    zoom(curves, -1000, 1000)
    assert "wheel zooms" in curves.hint.text()
    steps = np.arange(1, 500)
    curves.set_series([Series("smoothed", steps, 1 / steps)])
    assert curves.box.viewRange()[0][1] > 499


@pytest.mark.parametrize("width", [150, 220, 400])
def test_that_the_values_under_the_pointer_stay_inside(curves: CurveView, width: int) -> None:
    curves.resize(width, 240)
    for step in (1, 50, 100):
        curves.show_at(step)
        box = curves.crosshair.box
        assert box.x() >= 0
        assert box.x() + box.width() <= curves.plot.width()
        assert box.height() >= box.heightForWidth(box.width())


def test_that_a_click_picks_the_step_under_the_pointer(curves: CurveView, qtbot) -> None:
    place = curves.plot.mapFromScene(curves.box.mapViewToScene(QPointF(50, 0.5)))
    curves.plot.scene().sigMouseMoved.emit(curves.box.mapViewToScene(QPointF(50, 0.5)))
    with qtbot.waitSignal(curves.picked, timeout=500) as caught:
        qtbot.mouseClick(curves.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    assert caught.args == [50]


def test_that_ranges_hold_still_while_the_curve_grows(curves: CurveView) -> None:
    before = curves.box.viewRange()
    steps = np.arange(1, 104)
    curves.set_series([Series("smoothed", steps[:100], 1 / steps[:100])])
    assert curves.box.viewRange() == before


def test_that_a_range_the_user_has_taken_hold_of_is_left_alone_until_fit(curves: CurveView) -> None:
    zoom(curves, 10, 20)
    steps = np.arange(1, 500)
    curves.set_series([Series("smoothed", steps, 1 / steps)])
    assert curves.box.viewRange()[0] == [10, 20]
    curves.fit()
    assert curves.box.viewRange()[0][1] > 499


def test_that_a_log_scale_says_how_many_values_it_cannot_draw(curves: CurveView) -> None:
    curves.set_scale("log")
    steps = np.arange(1, 5)
    curves.set_series([Series("loss", steps, np.array([1.0, 0.0, 0.1, math.nan]))])
    assert curves.legend.toolTip() == "2 values can't be drawn on a log scale"
    assert curves.legend.note_in(1000) == "2 values can't be drawn on a log scale"
    assert curves.legend.note_in(120) == "2 not drawn"
    assert curves.legend.note_in(10) == ""
    low, high = curves.y_range()
    assert low < 0.1
    assert high > 1


def test_that_a_log_scale_labels_values_not_exponents(curves: CurveView) -> None:
    curves.set_scale("log")
    assert curves.axes["left"].tickStrings([-1, 0, 1], 1, 1) == ["0.1", "1", "10"]


def test_that_percent_is_written_as_percent(qtbot, theme: Theme) -> None:
    made = CurveView(form="percent", bounds=(0, 1))
    qtbot.addWidget(made)
    assert made.exact(0.9613) == "96.13 %"
    assert made.axes["left"].tickStrings([0.9, 0.95], 1, 0.05) == ["90%", "95%"]


def test_that_the_legend_names_every_curve_and_its_value_however_narrow(curves: CurveView) -> None:
    steps = np.arange(1, 101)
    curves.set_series(
        [
            Series("each minibatch", steps, 1 / steps, token="raw", kind="raw"),
            Series("mean of 50", steps, smooth(1 / steps, 50)),
            Series("test", steps[-1:], np.array([0.1101]), token="test", kind="points", dashed=True),
        ]
    )
    for width, rows in ((600, 1), (280, 2)):
        curves.resize(width, 300)
        found = curves.legend.rows()
        said = {one.name: value for row in found for one, value in row}
        assert said == {"each minibatch": "", "mean of 50": "0.01376", "test": "0.1101"}
        assert len(found) == rows
        assert curves.legend.height() == rows * 18
        curves.grab()


def test_that_another_row_of_the_legend_moves_the_curves_in_the_turn_that_brings_it(curves: CurveView) -> None:
    x = np.arange(9.0)
    curves.resize(240, 300)
    curves.set_series([Series("one", x, x + 1)])
    curves.layout().activate()
    before = curves.legend.height()
    curves.set_series([Series(f"curve number {number}", x, x + 1) for number in range(4)])
    assert curves.legend.height() > before
    assert curves.plot.geometry().top() > curves.legend.geometry().bottom()


def test_that_of_a_moment_in_the_past_the_legend_has_the_values_of_then_and_what_came_later_is_pale(
    curves: CurveView,
) -> None:
    steps = np.arange(1, 101)
    drawn = [
        Series("loss", steps, 1.0 / steps),
        Series("test", steps[49::50], np.array([0.5, 0.25]), token="test", kind="points"),
    ]

    def says() -> dict[str, str]:
        return {one.name: value for row in curves.legend.rows() for one, value in row}

    curves.set_events([(40, "looked at")], 40)
    curves.set_series(drawn)
    assert says() == {"loss": "0.02500", "test": ""}
    assert curves.moment.at == 40
    hidden = curves.moment.hides
    assert hidden is not None
    assert (hidden[0], hidden[1] >= 100) == (40, True)
    curves.set_events([(60, "looked at")], 60)
    curves.set_series(drawn)
    assert says() == {"loss": "0.01667", "test": "0.5000"}
    hidden = curves.moment.hides
    assert hidden is not None
    assert (hidden[0], hidden[1] >= 100) == (60, True)
    curves.set_events([])
    curves.set_series(drawn)
    assert says() == {"loss": "0.01000", "test": "0.2500"}
    assert curves.moment.hides is None


def test_that_a_zoomed_view_moves_to_the_moment_and_leads_back_to_it(curves: CurveView, qtbot) -> None:
    curves.set_moment(20)
    assert (curves.moment.at, curves.moment.way.isVisible()) == (20, False)
    zoom(curves, 60, 80)
    assert curves.moment.way.isVisible(), "the user has moved away"
    assert curves.moment.way.text() == "← step 20"
    curves.set_moment(40)
    low, high = curves.box.viewRange()[0]
    assert low < 40 < high
    assert high - low == pytest.approx(20), "the zoom stays"
    assert not curves.moment.way.isVisible()
    zoom(curves, 5, 25)
    assert curves.moment.way.text() == "step 40 →"
    assert curves.plot.rect().contains(curves.moment.way.geometry())
    qtbot.mouseClick(curves.moment.way, Qt.MouseButton.LeftButton)
    low, high = curves.box.viewRange()[0]
    assert low < 40 < high
    assert not curves.moment.way.isVisible()
    zoom(curves, 5, 25)
    curves.set_moment(None)
    assert not curves.moment.way.isVisible()
    assert curves.box.viewRange()[0] == pytest.approx([5, 25])


def test_that_curves_mark_a_moment_before_its_picture_comes(qtbot, theme: Theme) -> None:
    run = RunCurves()
    qtbot.addWidget(run)
    history = History()
    for step in range(1, 41):
        history.add_minibatch(step, MinibatchDone(Position(1, step, step, 1, 40), 1.0 / step, 0.5, 8, 0.1))
    run.show_picture(run_curves(history))
    run.show_moment(12)
    assert run.loss.moment.at == 12
    run.show_tab("Rate")
    assert run.rate.moment.at == 12, "in the other tabs too"
    run.show_moment(None)
    run.show_tab("Loss")
    assert run.loss.moment.at is None


def test_that_a_low_view_names_single_values_only_where_they_take_no_row(curves: CurveView) -> None:
    steps = np.arange(1, 101)
    raw = Series("each minibatch", steps, 1 / steps, token="raw", kind="raw")
    mean = Series("mean of 50", steps, smooth(1 / steps, 50))
    test = Series("test", steps[-1:], np.array([0.1101]), token="test", kind="points", dashed=True)
    curves.set_series([raw, mean, test])
    for width, height, names in ((280, 300, 3), (280, 150, 2), (600, 150, 3)):
        curves.resize(width, height)
        assert len([one for row in curves.legend.rows() for one in row]) == names, (width, height)


def test_that_single_dips_do_not_press_the_mean_together_on_a_log_scale(curves: CurveView) -> None:
    curves.set_scale("log")
    steps = np.arange(1, 101)
    losses = np.where(steps == 50, 1e-6, 1.0 + 1 / steps)
    raw = Series("each minibatch", steps, losses, token="raw", kind="raw")
    curves.set_series([raw, Series("mean", steps, 1.0 + 1 / steps)])
    low, high = curves.y_range()
    assert 0.05 < low < 1 < high, "the dip is cut"
    curves.set_series([raw])
    assert curves.y_range()[0] < 1e-6, "nothing else is there to be seen"
    curves.set_series([raw, Series("mean", steps, 1.0 + 1 / steps)])
    curves.set_scale("linear")
    assert curves.y_range()[0] <= 1e-6


def test_that_dots_are_not_joined(curves: CurveView) -> None:
    curves.set_series([Series("mean of the epoch", np.array([10, 20, 30]), np.array([3.0, 2.0, 1.0]), kind="dots")])
    assert curves.items[0].opts["pen"] is None
    assert curves.items[0].opts["symbol"] == "o"
    curves.grab()


def test_that_the_epochs_of_an_opened_model_are_dots_and_the_mean_begins_with_a_full_one(qtbot, theme: Theme) -> None:
    history = History()
    for epoch in (1, 2):
        history.epochs.add(200 * epoch, 0.5, 0.4, 0.9, 0.45, 0.88)
    for step in range(401, 461):
        history.minibatches.add(step, 0.3, math.nan)
    made = RunCurves()
    qtbot.addWidget(made)
    made.show_picture(run_curves(history))
    shown = {one.name: one for one in made.loss.series}
    assert shown["mean of the epoch"].kind == "dots"
    assert shown["mean of the epoch"].x.tolist() == [200, 400]
    assert shown["each minibatch"].x[0] == 401
    assert shown["mean of 50"].x[0] == 450
    made.show_tab("Accuracy")
    assert [one.name for one in made.accuracy.series] == ["training", "test"]


def test_that_of_a_run_seen_from_its_start_the_mean_begins_at_once(qtbot, theme: Theme) -> None:
    history = History()
    for step in range(1, 11):
        history.minibatches.add(step, 1.0 / step, 0.1)
    made = RunCurves()
    qtbot.addWidget(made)
    made.show_picture(run_curves(history))
    assert [one.name for one in made.loss.series] == ["each minibatch", "mean of 5", "test"]
    assert made.loss.series[1].x[0] == 1
    made.show_tab("Accuracy")
    assert [one.name for one in made.accuracy.series] == ["mean of 5", "training", "test"]


def test_that_one_value_is_drawn_as_a_dot(qtbot, theme: Theme) -> None:
    made = CurveView()
    qtbot.addWidget(made)
    made.set_series([Series("loss", np.array([1]), np.array([2.3]))])
    assert made.items[0].opts["symbol"] == "o"


def test_that_fewer_series_leave_nothing_behind(curves: CurveView) -> None:
    curves.set_series([])
    assert curves.items == []
    assert curves.as_table() == "no values yet"


def test_that_nan_leaves_a_gap_and_no_warning(curves: CurveView) -> None:
    steps = np.arange(1, 6)
    curves.set_series([Series("loss", steps, np.array([1, math.nan, math.inf, 2, 3.0]))])
    curves.grab()
    curves.show_at(2)
    assert "NaN" in curves.crosshair.box.text()


def test_that_the_theme_recolours_curves(curves: CurveView, theme: Theme) -> None:
    theme.set_mode("dark")
    assert curves.items[1].opts["pen"].color().name() == theme.palette.training


def test_that_zooming_in_shows_every_value_of_a_curve_that_was_thinned(curves: CurveView) -> None:
    steps = np.arange(1, 20_001)
    curves.set_series([Series("each minibatch", steps, np.sin(steps / 50), token="raw", kind="raw")])
    assert len(curves.items[0].getData()[0]) < 2000
    zoom(curves, 1000, 1100)
    x, _ = curves.items[0].getData()
    assert set(range(1000, 1101)) <= set(x.astype(int).tolist())


def test_that_the_accuracy_keeps_its_beginning_when_epochs_come() -> None:
    history = History()
    for step in range(1, 201):
        history.minibatches.add(step, 1.0, 0.1)
    for end in (100, 200):
        history.add_epoch(end, EpochMeasures(1.0, 1.0, 0.5, 1.0, 0.5, 0.0))
    raw = run_curves(history).accuracy[0]
    assert (raw.x[0], len(raw.x)) == (1, 200)


def test_that_a_level_lies_at_its_value_on_either_scale_with_its_words(qtbot, theme: Theme) -> None:
    view = CurveView(scale="log")
    qtbot.addWidget(view)
    view.set_levels([(math.log(10), "no better than guessing")])
    view.set_series([Series("loss", np.arange(1, 40.0), np.linspace(3.0, 0.1, 39))])
    [line] = view.levels.lines
    assert line.value() == pytest.approx(math.log10(math.log(10)))
    view.set_scale("linear")
    assert line.value() == pytest.approx(math.log(10))
    assert line.label.toPlainText() == "no better than guessing"
    view.set_levels([(math.log(2), "other")])
    view.set_scale("log")
    [line] = view.levels.lines
    assert line.value() == pytest.approx(math.log10(math.log(2)))


def test_that_a_level_that_comes_after_the_curves_is_at_its_value_and_in_the_theme(qtbot, theme: Theme) -> None:
    view = CurveView(scale="log")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    view.set_series([Series("loss", np.arange(1, 40.0), np.linspace(30.0, 0.1, 39))])
    view.set_levels([(2.0, "before")])
    view.set_levels([(9.0, "no better than guessing 9.000")])
    [line] = view.levels.lines
    assert line.value() == pytest.approx(math.log10(9))
    assert line.pen.color().name() == line.label.color.name() == theme.palette.muted
    assert line.pen.style() is Qt.PenStyle.DashLine


def test_that_a_rate_that_jumps_is_drawn_as_a_step(qtbot, theme: Theme) -> None:
    view = CurveView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    rates = np.array([0.1, 0.1, 0.01, 0.01])
    view.set_series([Series("learning rate", np.arange(1, 5), rates, kind="steps")])
    x, y = view.items[0].getData()
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == [
        *((1, 0.1), (2, 0.1), (2, 0.1), (3, 0.1)),
        *((3, 0.01), (4, 0.01), (4, 0.01)),
    ]


def test_that_the_rate_of_every_update_is_kept(theme: Theme) -> None:
    history = History()
    for step, rate in enumerate((0.1, 0.1, 0.01), 1):
        history.add_minibatch(step, MinibatchDone(Position(1, step, step, 1, 3), 1.0, 0.5, 8, rate))
    (rates,) = layer_curves(Look(history=history)).rate
    assert rates.kind == "steps"
    assert (rates.x.tolist(), rates.y.tolist()) == ([1, 2, 3], [0.1, 0.1, 0.01])


def test_that_the_words_of_a_level_lie_beside_the_curves_and_go_with_their_line(qtbot, theme: Theme) -> None:
    view = CurveView()
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.set_levels([(2.0, "no better than guessing")])
    steps = np.arange(200)
    noise = np.where(steps < 150, 2 + 0.3 * np.sin(steps), 2 - 0.3 * np.abs(np.sin(steps)))
    noise[0] = 4.0
    view.set_series([Series("loss", steps, noise)])
    view.show()
    qtbot.waitExposed(view)
    (line,) = view.levels.lines
    label = line.label
    view.set_series([Series("loss", steps, noise)])  # with the size that it has now
    area = view.box.mapSceneToView(label.mapToScene(label.boundingRect()).boundingRect()).boundingRect()
    assert label.isVisible()
    inside = (steps >= area.left()) & (steps <= area.right()) & (noise >= area.top()) & (noise <= area.bottom())
    assert not inside.any()
    view.set_series([Series("loss", steps, 0.001 * noise)])
    zoom(view, 50, 150)
    assert not label.isVisible()


def test_that_a_small_logarithmic_axis_names_few_values(curves: CurveView) -> None:
    curves.set_scale("log")
    axis = curves.axes["left"]
    few, many = (axis.tickValues(-1.0, 1.0, size)[0][1] for size in (50, 400))
    assert len(few) < len(many)
    assert {-1.0, 0.0, 1.0} <= {round(one, 6) for one in few}
