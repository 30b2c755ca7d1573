"""The legend of the network map's marks, as far as there is room for it."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.present.colour import NOT_FINITE_COLOUR

USUAL = ("good", "usual ‖ΔW‖/‖W‖")
SIGNS = {"▲": ("", "▲ too large"), "▼": ("", "▼ too small")}
LEAD, GAP = 20, 14
"""Pixels of a sign before its text, and between two entries."""
DEAD, BROKEN = ("silent", "dead: 0 for all judged images"), ("broken", "NaN or ∞")
SHORT = {DEAD: ("silent", "dead"), BROKEN: ("broken", "NaN, ∞")}
BOTH_SIGNS = ("", "▲▼ too large/small")
TIP = (
    "dead: units that are 0 everywhere for all of the first 256 test images.\n"
    "‖ΔW‖/‖W‖: how much the last update changed a layer's weights, on a logarithmic axis from 0.00001 to 0.1. "
    "Between 0.0001 and 0.01 (green) most networks learn well: a rule of thumb, not a law. "
    "▲ is larger: the learning rate may be too large. ▼ is smaller: the layer hardly learns.\n"
    "ΔW is what the optimiser made of the gradient dW: learning rate, momentum and the like are in it.\n"
    "‖w‖ sorted: of each unit of a dense layer the norm of its weights, the largest first; the highest bar is the "
    "largest of its layer.\n"
    "values: what the maps above consist of, counts on a logarithmic axis; the first grey bar is exactly 0.\n"
    "colours: where a column's colours end. For a while after that has changed, it says where they ended before."
)


class MapLegend(QWidget):
    """Paints the first text (the step of the health), the entries that fit, and more texts if there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self._first: tuple[str, ...] = ()
        self._seen: tuple[tuple[str, str], ...] = ()
        """Marks that the map shows at present: they are explained first."""
        self.setToolTip(TIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_first(
        self,
        *words: str,
        judged: int | None = None,
        has_dead: bool = False,
        has_broken: bool = False,
        signs: str = "",
    ) -> None:
        """Change the texts around the entries.

        Parameters
        ----------
        words : str
            Texts; the first one comes before the entries, the others after them.
        judged : int, optional
            The step at which dead units were counted.
        has_dead, has_broken : bool
            Whether the map marks dead units, and values that are NaN or infinite.
        """
        shown = tuple(word for word in words if word)
        seen = tuple(one for one, there in ((BROKEN, has_broken), (DEAD, has_dead)) if there)
        seen += tuple(SIGNS[sign] for sign in signs)
        if (shown, seen) == (self._first, self._seen):
            return
        self._first, self._seen = shown, seen
        self.setAccessibleName(", ".join(shown))
        self.setToolTip(TIP if judged is None else f"{TIP}\nDead units were counted at step {judged:,}.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 20)

    def entries(self) -> list[tuple[str, str, float]]:
        """What is painted: sign, text, and where it begins.

        Marks that are to be seen go before everything else where there is no room for all of it, in fewer words.
        """
        metrics = QFontMetricsF(self._theme.font(12))

        def width(one: tuple[str, str]) -> float:
            return (LEAD if one[0] else 0) + metrics.horizontalAdvance(one[1]) + 2

        words = [("", word) for word in self._first]

        def fit(some: list[tuple[str, str]]) -> bool:
            return 4 + sum(map(width, some)) + GAP * (len(some) - 1) <= self.width()

        signs = [one for one in self._seen if one in SIGNS.values()]
        marks = [SHORT[one] for one in self._seen if one in SHORT]
        narrow = [*marks, *(signs if len(signs) < 2 else [BOTH_SIGNS])]
        forms = ([*words[:1], *self._seen], [*self._seen], [*words[:1], *narrow], narrow)
        first = next((form for form in forms if fit(form)), narrow)
        rest = [one for one in (USUAL, *SIGNS.values(), DEAD) if one not in self._seen]
        rest = [*(one for one in words[:1] if one not in first), *rest]
        found, x = [], 4.0
        for one in (*first, *rest, *words[1:]):
            if x + width(one) > self.width():
                break
            found.append((*one, x))
            x += width(one) + GAP
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(12))
        middle = self.height() / 2
        for sign, text, x in self.entries():
            lead = LEAD if sign else 0
            if sign == "good":
                painter.fillRect(QRectF(x, middle - 2, 14, 4), self._theme.colour("success", 0.45))
            elif sign == "broken":
                painter.fillRect(QRectF(x + 1, middle - 6, 12, 12), QColor(NOT_FINITE_COLOUR))
            elif sign == "silent":
                painter.setPen(QPen(self._theme.colour("line"), 1))
                painter.drawRect(QRectF(x + 1.5, middle - 5.5, 11, 11))
                painter.setPen(QPen(self._theme.colour("warning"), 1))
                painter.drawLine(QLineF(x + 2, middle - 5, x + 12, middle + 5))
            painter.setPen(self._theme.colour("muted"))
            place = QRectF(x + lead, 0, self.width() - x - lead, self.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
