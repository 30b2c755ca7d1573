"""The strip that says what seems to be wrong with a run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.aim import RESTS, Aim
from convviz.gui.workspaces.watch.layout import Views
from convviz.gui.workspaces.watch.registry import VIEWS
from convviz.gui.workspaces.watch.views.warning_strip import WarningStrip
from convviz.present.watch.look import Look
from convviz.present.watch.warnings import HealthWarning

WARNING = HealthWarning("dead conv1", "8 of 8 filters are silent.", "Try a smaller rate, " * 4 + "or a leaky ReLU.")


def test_that_the_advice_stands_behind_the_sentence_or_below_it_where_it_has_no_room(qtbot, theme: Theme) -> None:
    strip = WarningStrip()
    qtbot.addWidget(strip)
    strip.resize(2400, strip.height())
    strip.show()
    strip.show_picture((WARNING,))
    qtbot.waitUntil(strip.advice.isHidden)
    one_line = strip.height()
    assert strip.text.shown_text() == f"{WARNING.sentence} {WARNING.advice}"
    needed = strip.text.fontMetrics().horizontalAdvance(WARNING.advice)
    strip.resize(needed + strip.width() - strip.text.width() + 10, strip.height())
    qtbot.waitUntil(strip.advice.isVisible)
    assert strip.text.shown_text() == WARNING.sentence
    assert strip.advice.shown_text() == WARNING.advice
    assert strip.height() > one_line
    strip.resize(2400, strip.height())
    qtbot.waitUntil(strip.advice.isHidden)
    assert strip.height() == one_line


def test_that_a_sentence_without_room_is_cut_and_has_its_advice_below(qtbot, theme: Theme) -> None:
    strip = WarningStrip()
    qtbot.addWidget(strip)
    warning = HealthWarning("long", "The loss has risen since an edit, and " * 6, "Go back to step 135.")
    strip.resize(700, strip.height())
    strip.show()
    strip.show_picture((warning,))
    qtbot.waitUntil(strip.advice.isVisible)
    qtbot.waitUntil(lambda: strip.text.shown_text().endswith("…"))
    assert strip.text.shown_text().startswith("The loss has risen since an edit, and The loss")
    assert strip.advice.shown_text() == "Go back to step 135."


def test_that_a_sentence_that_is_cut_keeps_the_step_at_its_end(qtbot, theme: Theme) -> None:
    strip = WarningStrip()
    qtbot.addWidget(strip)
    sentence = "The loss has risen from 0.1234 since the learning rate was changed at step 1,135."
    strip.show_picture((HealthWarning("risen", sentence, "Go back to step 1,134 and train on with the rate before."),))
    strip.show()
    whole = strip.text.fontMetrics().horizontalAdvance(sentence)
    for part in (0.9, 0.7, 0.5):
        strip.resize(round(part * whole) + strip.width() - strip.text.width(), strip.height())
        qtbot.waitUntil(lambda part=part: strip.text.width() == round(part * whole))
        shown = strip.text.shown_text()
        assert shown.startswith("The loss")
        assert shown.endswith(" 1,135.")
        assert "…" in shown
        assert strip.text.fontMetrics().horizontalAdvance(shown) <= strip.text.width()
        assert strip.advice.shown_text(), "nor does the advice vanish"


def test_that_another_font_makes_the_strip_look_anew_where_the_advice_stands(qtbot, theme: Theme) -> None:
    strip = WarningStrip()
    qtbot.addWidget(strip)
    strip.show()
    strip.show_picture((WARNING,))
    whole = f"{WARNING.sentence} {WARNING.advice}"
    strip.resize(strip.text.fontMetrics().horizontalAdvance(whole) + strip.width() - strip.text.width(), strip.height())
    qtbot.waitUntil(lambda: strip.text.shown_text() == whole)
    larger = strip.text.font()
    larger.setPixelSize(2 * larger.pixelSize() if larger.pixelSize() > 0 else 26)
    strip.text.setFont(larger)
    qtbot.waitUntil(strip.advice.isVisible)
    assert strip.text.shown_text() == WARNING.sentence


class Hand:
    """A pointer and a clock that a test moves."""

    def __init__(self, page: QWidget) -> None:
        self.page, self.at, self.now = page, QPoint(5, 300), 0.0

    def pointer(self) -> QPoint:
        return self.page.mapToGlobal(self.at)

    def clock(self) -> float:
        return self.now


@pytest.fixture
def hand(qtbot, theme: Theme) -> Hand:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(900, 500)
    page.show()
    return Hand(page)


def test_that_a_pointer_on_its_way_is_waited_for(qtbot, hand: Hand) -> None:
    aim = Aim(hand.page, hand.pointer, hand.clock)
    came: list[float] = []
    aim.rested.connect(lambda: came.append(hand.now))
    assert not aim.may_move()
    hand.now = 0.9 * RESTS
    hand.at = QPoint(6, 300)
    aim.look()
    hand.now += 0.9 * RESTS
    aim.look()
    assert not came, "it moved again"
    hand.now += 0.2 * RESTS
    aim.look()
    assert came == [hand.now]
    aim.look()
    hand.at = QPoint(-5, 5)
    assert aim.may_move(), "it is elsewhere"


def test_that_a_warning_waits_for_the_pointer_to_rest(qtbot, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[HealthWarning, ...] | None] = [(WARNING,)]
    monkeypatch.setattr(WarningStrip, "picture_of", staticmethod(lambda _look: said[0]))
    views = Views(hand.page, [entry for entry in VIEWS if entry.name == "WarningStrip"])
    views.aim = Aim(hand.page, hand.pointer, hand.clock)
    views.aim.rested.connect(views.let_in)
    strip = views.of(WarningStrip)
    views.show(Look(), lambda _view: True)
    assert strip.isHidden()
    hand.now = 2 * RESTS
    views.aim.look()
    assert strip.isVisible()
    assert strip.shown == WARNING
    said[0] = None
    hand.at = QPoint(6, 300)
    views.show(Look(), lambda _view: True)
    assert strip.isVisible(), "nor does it go while the pointer is on its way"
    hand.now = 4 * RESTS
    views.aim.look()
    assert strip.isHidden()
    said[0] = (WARNING,)
    views.show(Look(), lambda _view: True)
    hand.now = 6 * RESTS
    views.aim.look()
    assert strip.isVisible()
    hand.page.layout().activate()
    hand.at = strip.mapTo(hand.page, strip.rect().center())
    said[0] = None
    views.show(Look(), lambda _view: True)
    assert strip.isHidden(), "what the user does with it happens at once"
