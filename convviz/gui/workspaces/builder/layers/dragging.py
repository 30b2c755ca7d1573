"""Dragging cards: the line where a card would go, scrolling at the edges, and Esc."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.workspaces.builder.layers.layer_card import LayerCard


class Dragging(QObject):
    """Moves a card of a list with the mouse.

    Parameters
    ----------
    area : QScrollArea
    page : QWidget
        What it scrolls: the cards lie on it.
    cards : callable
        Returns all cards, from top to bottom.
    prepare : callable
        Lets all cards have their places.
    spacing : int
        Pixels between two cards.

    Attributes
    ----------
    moved : Signal(int, int)
        A card and its new number.
    mark : DropMark
    """

    moved = Signal(int, int)

    def __init__(
        self,
        area: QScrollArea,
        page: QWidget,
        cards: Callable[[], Sequence[LayerCard]],
        prepare: Callable[[], object],
        spacing: int,
    ) -> None:
        super().__init__(area)
        self._area, self._page, self._cards, self._prepare, self._spacing = area, page, cards, prepare, spacing
        self.mark = DropMark(self._page)
        self._escape = EscapeFilter(self)
        self._at = QPoint()
        self._scroller = QTimer(self)
        self._scroller.setInterval(30)
        self._scroller.timeout.connect(self._scroll)

    def drag(self, card: LayerCard, at: QPoint) -> None:
        """A card has been dragged to a place on the screen."""
        self._at = at
        self._prepare()
        card.set_lifted(True)
        self._show_mark()
        self._scroller.start()
        card.grabKeyboard()
        card.installEventFilter(self._escape)

    def drop(self, card: LayerCard, at: QPoint) -> None:
        """A card has been dropped at a place on the screen."""
        self._at = at
        here, gap = self._cards().index(card), self._gap()
        self.end()
        to = gap if gap <= here else gap - 1
        if to != here:
            self.moved.emit(here, to)

    @Slot()
    def end(self) -> None:
        """No card is dragged any more."""
        self._scroller.stop()
        self.mark.hide()
        for card in self._cards():
            card.set_lifted(False)
            card.releaseKeyboard()
            card.removeEventFilter(self._escape)

    def _laid_out(self) -> list[LayerCard]:
        """The cards that have a place: others are still to appear below them."""
        return [card for card in self._cards() if not card.isHidden()]

    def _gap(self) -> int:
        """Number of the gap between cards that is nearest to the pointer; 0 is above the first."""
        y = self._page.mapFromGlobal(self._at).y()
        return sum(1 for card in self._laid_out() if y > card.geometry().center().y())

    def _show_mark(self) -> None:
        gap, cards = self._gap(), self._laid_out()
        if gap < len(cards):
            y = cards[gap].geometry().top() - self._spacing // 2
        else:
            y = cards[-1].geometry().bottom() + self._spacing // 2 + 1
        self.mark.setGeometry(QRect(0, y - 3, self._page.width() - 4, 6))
        self.mark.show()
        self.mark.raise_()

    @Slot()
    def _scroll(self) -> None:
        view = self._area.viewport()
        y = view.mapFromGlobal(self._at).y()
        over = min(y - 28, 0) or max(y - view.height() + 28, 0)
        if over:
            bar = self._area.verticalScrollBar()
            bar.setValue(bar.value() + max(-16, min(16, over)))
            self._show_mark()


class EscapeFilter(QObject):
    """Esc ends a drag."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, LayerCard) and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            watched.cancel_drag()
            return True
        return False


class DropMark(QWidget):
    """The line where a dragged card would go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(0, 2, self.width(), 2, 1, 1)
        painter.drawEllipse(0, 0, 6, 6)
