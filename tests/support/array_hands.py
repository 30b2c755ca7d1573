"""Hands for tests of array views, and what they look at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.view import ArrayView


def hover(view: ArrayView, x: int, y: int) -> None:
    place = QPointF(x, y)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        view.mapToGlobal(place),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view, event)


def wheel(view: ArrayView, x: float, y: float, turn: int) -> QWheelEvent:
    event = QWheelEvent(
        QPointF(x, y),
        view.mapToGlobal(QPointF(x, y)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    return event


def drawn(view: ArrayView) -> QImage:
    return view.grab().toImage()


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


# Marks
def accent_pixels(view: ArrayView, theme: Theme) -> set[tuple[int, int]]:
    image, accent = drawn(view), QColor(theme.palette.accent)
    wide, high = image.width(), image.height()
    return {(x, y) for x in range(wide) for y in range(high) if image.pixelColor(x, y) == accent}
