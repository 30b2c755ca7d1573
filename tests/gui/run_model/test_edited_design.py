"""The edited design and what is known of its data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convviz.gui.run_model.edited_design import EditedDesign
from convviz.present.design.data_facts import DataFacts

IMAGE = np.zeros((1, 8, 8), np.float32)
DIGITS = DataFacts("digits", 640, 64, (1, 8, 8), 10, IMAGE)


def test_that_only_other_data_are_told(qapp) -> None:
    edited, told, changes = EditedDesign(), list[DataFacts | None](), list[bool]()
    edited.dataChanged.connect(lambda: told.append(edited.data))
    edited.changed.connect(lambda: changes.append(edited.is_trainable))
    again = replace(DIGITS, sample=IMAGE.copy())
    others = [
        replace(DIGITS, name="letters"),
        replace(DIGITS, classes=26),
        replace(DIGITS, sample=IMAGE + 1),
        replace(DIGITS, sample=None),
        replace(DIGITS, stands_in=True),
    ]
    for data in (DIGITS, again, *others):
        edited.set_data(data)
    assert told == [DIGITS, *others]
    assert len(changes) == 7  # each is followed
    edited.set_data(replace(DIGITS, stands_in=True))
    assert len(told) == 6
