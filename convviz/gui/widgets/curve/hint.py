"""What the x axis of curves counts, and how to get closer: one quiet line."""

from __future__ import annotations

from PySide6.QtCore import Qt

from convviz.gui.widgets.fitting_label import FittingLabel

ABOUT = (
    "The wheel zooms, dragging moves, a double click (or 0) shows all.\n"
    "After a click: Left and Right go on by one, with Ctrl by ten, Page Up and Page Down by a hundred, "
    "Home and End to the ends."
)


class CurveHint(FittingLabel):
    """The line below the curves.

    Parameters
    ----------
    counted : str
        What the x axis counts.
    """

    def __init__(self, counted: str) -> None:
        super().__init__(align=Qt.AlignmentFlag.AlignHCenter)
        self._counted = counted
        self.tell(followed=True)

    def tell(self, *, followed: bool) -> None:
        """Say what can be done: while all is in sight, or while a part is."""
        about = self._counted
        short = about.partition(",")[0]
        if followed:
            texts = [
                f"{about} · wheel zooms, drag moves, double-click shows all",
                f"{about} · wheel zooms, drag moves",
                f"{about} · wheel zooms",
                f"{short} · wheel zooms",
                short,
            ]
        else:
            texts = [
                f"{about} · double-click shows all, ← → go one by one",
                f"{about} · double-click shows all",
                f"{short} · double-click shows all",
                "double-click shows all",
            ]
        self.set_texts(texts, ABOUT)
