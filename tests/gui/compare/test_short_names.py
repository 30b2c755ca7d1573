"""Names of runs where there is little room."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics

from convviz.gui.workspaces.compare.names import shortened


def test_that_the_number_of_a_run_stays(qapp) -> None:
    metrics = QFontMetrics(QFont("Inter", 13))
    room = metrics.horizontalAdvance("course… #14") + 2
    found = shortened("course-7x7 with many words #14", metrics, room)
    assert found.endswith(" #14")
    assert found.startswith("cour")
    assert metrics.horizontalAdvance(found) <= room
    assert shortened("course-7x7 #14", metrics, 1000) == "course-7x7 #14"


def test_that_of_other_names_the_middle_goes(qapp) -> None:
    metrics = QFontMetrics(QFont("Inter", 13))
    found = shortened("a long name of one #run", metrics, metrics.horizontalAdvance("a long…of one"))
    assert found.startswith("a")
    assert found.endswith("n")
    assert "…" in found
