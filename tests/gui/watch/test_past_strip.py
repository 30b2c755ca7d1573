"""The strip says which moment is shown, and no sooner than it is."""

from __future__ import annotations

from dataclasses import replace

from convviz.gui.workspaces.watch.views.past_strip import PastStrip
from convviz.present.watch.past_look import PastLook

THERE = PastLook(7, live=18, epoch_length=6, can_replay=True)


def test_that_a_moment_that_takes_time_is_not_said_to_be_shown(qtbot, theme) -> None:
    strip = PastStrip()
    qtbot.addWidget(strip)
    strip.show_picture(THERE)
    assert strip.text.texts[0].endswith("The network below is as it was then.")
    loading = replace(THERE, step=9, is_loading=True)
    strip.show_picture(loading)
    qtbot.waitUntil(lambda: "step 9 · being replayed" in strip.text.texts[0])
    strip.show_picture(replace(loading, live=19))
    assert "step 9 · being replayed" in strip.text.texts[0], "the words stay until it is there"
    strip.show_picture(replace(THERE, step=9))
    assert strip.text.texts[0].endswith("The network below is as it was then.")
    assert "step 9 · " in strip.text.texts[0]
