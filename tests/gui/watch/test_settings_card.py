"""The settings beside the pictures."""

from __future__ import annotations

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.settings_card import SettingsCard
from convviz.present.watch.settings import SettingsPicture
from convviz.storage.presets import preset


def test_that_settings_say_of_which_convolution_they_are_where_there_are_several(qtbot, theme: Theme) -> None:
    card = SettingsCard()
    qtbot.addWidget(card)
    for name, words in (
        ("course-7x7", ["Filters", "Kernel height", "Stride", "Batch size"]),
        ("best-small", ["conv1 filters", "conv1 kernel height", "conv1 stride", "Batch size"]),
        ("course-7x7", ["Filters", "Kernel height", "Stride", "Batch size"]),
    ):
        design = preset(name)
        card.show_picture(SettingsPicture(design, design, False, False, "digits", 100, 20))
        assert [card.labels[one][0].text() for one in ("filters", "kernel_h", "stride", "batch_size")] == words
