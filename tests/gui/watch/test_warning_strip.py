"""The strip that says what seems to be wrong with a run."""

from __future__ import annotations

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.warning_strip import WarningStrip
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
