"""The chosen image of a held minibatch, at the side of Watch."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.labels import Caption, Heading
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.numbers import format_value
from convviz.present.watch.hold.image import HeldImagePicture, Score, held_image

SIDE, LINE, NUMBER = 128, 16, 50


class ScoreBars(QWidget):
    """One line per class: its name, a bar, and its probability if that matters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._scores: tuple[Score, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Probabilities")
        self._theme.changed.connect(self.update)

    def show_scores(self, scores: tuple[Score, ...]) -> None:
        """Show probabilities."""
        if len(scores) != len(self._scores):
            self.updateGeometry()
        self._scores = scores
        self.setAccessibleDescription(", ".join(f"{one.name} {format_value(one.probability, 3)}" for one in scores))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, LINE * max(len(self._scores), 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colour = QPainter(self), self._theme.colour
        painter.setFont(self._theme.mono(12))
        metrics = painter.fontMetrics()
        names = min(max((metrics.horizontalAdvance(one.name) for one in self._scores), default=8), self.width() // 3)
        left, room = names + 6, self.width() - names - 6 - NUMBER
        for number, one in enumerate(self._scores):
            line = QRectF(0, number * LINE, self.width(), LINE)
            token = {"label": "danger", "taken": "accent_text"}.get(one.kind, "muted")
            painter.setPen(colour("ink" if one.kind else "muted"))
            name = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
            painter.fillRect(QRectF(left, line.top() + 3, 1, LINE - 6), colour("faint"))
            fill = colour({"label": "danger", "taken": "accent"}.get(one.kind, "faint"))
            share = one.probability if math.isfinite(one.probability) else 0.0
            painter.fillRect(QRectF(left, line.center().y() - 3, share * room, 6), fill)
            if one.kind or one.probability >= 0.005:
                painter.setPen(colour(token))
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(line, right, format_value(one.probability, 2))


class HeldImage(WatchView):
    """The image large, its probabilities, and its part in the loss.

    Attributes
    ----------
    walked : Signal(int)
        Go to the previous (-1) or the next image (1).
    """

    walked = Signal(int)
    picture_of = staticmethod(held_image)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.title = Heading(level=2)
        self.about = Caption("", wrap=True)
        self.earlier = Button(icon_name="left", kind="quiet", small=True, tip="The previous image")
        self.later = Button(icon_name="right", kind="quiet", small=True, tip="The next image")
        self.earlier.clicked.connect(lambda: self.walked.emit(-1))
        self.later.clicked.connect(lambda: self.walked.emit(1))
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.earlier)
        head.addWidget(self.later)
        self.image = Thumbnail(SIDE, name="The image as it is trained on")
        self.scores = ScoreBars()
        pair = QHBoxLayout()
        pair.setSpacing(12)
        pair.addWidget(self.image, 0, Qt.AlignmentFlag.AlignTop)
        pair.addWidget(self.scores, 1, Qt.AlignmentFlag.AlignTop)
        self.facts = FactTable()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addLayout(pair)
        column.addWidget(self.facts)

    def show_picture(self, picture: HeldImagePicture) -> None:
        """Show an image."""
        self.title.setText(picture.title)
        self.about.setText(picture.about)
        self.image.show_values(picture.image)
        self.scores.show_scores(picture.scores)
        self.facts.show_facts(picture.facts)


if __name__ == "__main__":
    run_view(HeldImage)
