"""One muted line below curves: what the x axis counts, how to zoom, and, when zoomed, a button that shows all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.plurals import capital

ABOUT = (
    "The wheel zooms, dragging moves, a double click (or 0) shows all.\n"
    "After a click: Left and Right go on by one, with Ctrl by ten, Page Up and Page Down by a hundred, "
    "Home and End to the ends."
)
HEIGHT = 22


class CurveHint(QWidget):
    """The line below the curves.

    Parameters
    ----------
    counted : str
        The thing that the x axis counts.

    Attributes
    ----------
    allAsked : Signal()
        Show all of the curves.
    """

    allAsked = Signal()

    def __init__(self, counted: str) -> None:
        super().__init__()
        self._counted, self._click, self._followed = counted, "", True
        self._label = FittingLabel(align=Qt.AlignmentFlag.AlignHCenter)
        self.all = Button(
            "Show all", kind="quiet", small=True, tip="Show all of the curves, and follow them as they grow"
        )
        self.all.setFixedHeight(HEIGHT)
        self.all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all.clicked.connect(self.allAsked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label, 1)
        row.addWidget(self.all)
        self.setFixedHeight(HEIGHT)
        self.tell(followed=True)

    def offer(self, click: str) -> None:
        """Say what a click does: ``a click goes there``."""
        self._click = click
        self.tell(followed=self._followed)

    def text(self) -> str:
        """What is said, in its longest form; less is shown if there is no room."""
        return self._label.text()

    def tell(self, *, followed: bool) -> None:
        """Show the possible actions, for a whole or a partial view."""
        self._followed = followed
        about, click = self._counted, f" · {self._click}" if self._click else ""
        short = about.partition(",")[0]
        if followed:
            texts = [
                f"{about} · wheel zooms, drag moves, double-click shows all{click}",
                f"{about} · wheel zooms, drag moves{click}",
                f"{about} · wheel zooms{click}",
                f"{short} · wheel zooms{click}",
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
        self._label.set_texts(texts, f"{ABOUT}\n{capital(self._click)}" if click else ABOUT)
        self.all.setVisible(not followed)
