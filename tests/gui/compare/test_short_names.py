"""Names of runs where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontMetrics

from convviz.gui.workspaces.compare.names import shortened


@pytest.mark.parametrize("tail", [" #14", " of 14:02", " of 14:02:31", " of 28 Nov, 14:02", " of 14:02:31 #2"])
def test_that_what_tells_a_run_from_others_of_its_design_stays(qapp, tail: str) -> None:
    metrics = QFontMetrics(QFont("Inter", 13))
    room = metrics.horizontalAdvance(f"course…{tail}") + 2
    found = shortened(f"course-7x7 with many words{tail}", metrics, room)
    assert found.endswith(tail)
    assert found.startswith("cour")
    assert metrics.horizontalAdvance(found) <= room
    assert shortened(f"course-7x7{tail}", metrics, 1000) == f"course-7x7{tail}"


def test_that_of_other_names_the_middle_goes(qapp) -> None:
    metrics = QFontMetrics(QFont("Inter", 13))
    found = shortened("a long name of one #run", metrics, metrics.horizontalAdvance("a long…of one"))
    assert found.startswith("a")
    assert found.endswith("n")
    assert "…" in found
