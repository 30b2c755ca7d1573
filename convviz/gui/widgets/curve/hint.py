"""One muted line below curves: what the x axis counts, and how to zoom."""

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
        The thing that the x axis counts.
    """

    def __init__(self, counted: str) -> None:
        super().__init__(align=Qt.AlignmentFlag.AlignHCenter)
        self._counted = counted
        self.tell(followed=True)

    def tell(self, *, followed: bool) -> None:
        """Show the possible actions, for a whole or a partial view."""
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
