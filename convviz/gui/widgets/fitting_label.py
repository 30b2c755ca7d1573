"""A line of text in several lengths: the longest that fits is shown, and no word is ever cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.demo import run_demo


class FittingLabel(QWidget):
    """Says as much as there is room for; what was left out is in the tooltip.

    Parameters
    ----------
    texts : sequence of str
        From the longest to the shortest; where none fits, nothing is shown.
    """

    def __init__(
        self,
        texts: Sequence[str] = (),
        parent: QWidget | None = None,
        *,
        token: str = "muted",
        size: float = 11,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._texts: tuple[str, ...] = ()
        self._token, self._align, self._tip = token, align, ""
        self.setFont(self._theme.font(size))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)
        self.set_texts(texts)

    def set_texts(self, texts: Sequence[str], tip: str = "") -> None:
        """Say something else; ``tip`` is the tooltip where it is not what was left out."""
        if (tuple(texts), tip) != (self._texts, self._tip):
            self._texts, self._tip = tuple(texts), tip
            self.setAccessibleName(self._texts[0] if self._texts else "")
            self._retip()
            self.updateGeometry()
            self.update()

    def set_token(self, token: str) -> None:
        """Use another colour of the palette."""
        if token != self._token:
            self._token = token
            self.update()

    def text(self) -> str:
        """The longest of the texts."""
        return self._texts[0] if self._texts else ""

    def shown_text(self) -> str:
        """What is on screen."""
        metrics = self.fontMetrics()
        return next((one for one in self._texts if metrics.horizontalAdvance(one) <= self.width()), "")

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._retip()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour(self._token))
        painter.drawText(self.rect(), int(self._align | Qt.AlignmentFlag.AlignVCenter), self.shown_text())

    def _retip(self) -> None:
        self.setToolTip(self._tip or (self.text() if self.shown_text() != self.text() else ""))


def _demo() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(FittingLabel(["wheel zooms, drag moves, double-click shows all", "wheel zooms", "…"]))
    layout.addStretch()
    return page


if __name__ == "__main__":
    run_demo(_demo, "FittingLabel", (320, 80))
