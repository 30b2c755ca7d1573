"""The classes of a data set side by side: their mean images and their numbers of images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFont, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.data_set import ClassFacts, pixels
from convviz.present.words import counted

PICTURE = 28
"""Size of a mean image in pixels."""


class ClassTile(QAbstractButton):
    """One class: mean image, name, and two bars for its numbers of training and test images.

    Parameters
    ----------
    facts : ClassFacts
    most : (int, int)
        Numbers of training and test images that fill a bar: those of the largest class.
    """

    def __init__(self, facts: ClassFacts, most: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.facts = facts
        self._most = most
        self.split, self.count = "training", facts.training
        self.wrong: int | None = None
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        counts = f"{facts.training:,} training and {counted(facts.test, 'test image')}"
        self.setAccessibleName(f"class {facts.name}: {counts}")
        self.setToolTip(f"{facts.name}: {counts}\nClick shows this class alone, Shift+click adds it, Esc shows all")
        self._theme.changed.connect(self.update)

    def show_split(self, split: str, count: int, wrong: int | None) -> None:
        """Show its number of images in a split, and how many of them are taken for another class (None if unknown)."""
        if (split, count, wrong) != (self.split, self.count, self.wrong):
            self.split, self.count, self.wrong = split, count, wrong
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(84, 60)

    def minimumSizeHint(self) -> QSize:
        return QSize(70, 60)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, facts = self._theme, self.facts
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isChecked() or self.underMouse() or self.hasFocus():
            token = "accent_wash" if self.isChecked() else "hover" if self.underMouse() else "panel"
            painter.setBrush(theme.colour(token))
            edge = "focus" if self.hasFocus() else "accent" if self.isChecked() else token
            painter.setPen(QPen(theme.colour(edge), 1))
            painter.drawRoundedRect(frame, 6, 6)
        image = image_of_pixels(pixels(facts.mean[None], theme.dark)[0])
        painter.drawImage(QRectF(4, 7, PICTURE, PICTURE), image)
        left, room = PICTURE + 7, self.width() - PICTURE - 8
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        name = painter.fontMetrics().elidedText(facts.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, 4, room, 17), Qt.AlignmentFlag.AlignVCenter, name)
        if self.wrong:
            painter.setPen(theme.colour("danger"))
            painter.setFont(theme.mono(11))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(left, 4, room - 3, 17), right, f"{self.wrong:,}")
        painter.setPen(theme.colour("muted"))
        painter.setFont(theme.mono(11))
        count = painter.fontMetrics().elidedText(f"{self.count:,}", Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, 21, room, 16), Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(Qt.PenStyle.NoPen)
        bars = ((facts.training, self._most[0], "training"), (facts.test, self._most[1], "test"))
        for number, (images, most, token) in enumerate(bars):
            bar = QRectF(4, 43 + 6 * number, self.width() - 8, 4)
            painter.setBrush(theme.colour("tray"))
            painter.drawRoundedRect(bar, 2, 2)
            if images:
                bar.setWidth(max(2.0, bar.width() * images / most))
                painter.setBrush(theme.colour(token))
                painter.drawRoundedRect(bar, 2, 2)
                if token == self.split and self.wrong:
                    bar.setWidth(max(2.0, bar.width() * self.wrong / images))
                    painter.setBrush(theme.colour("danger"))
                    painter.drawRoundedRect(bar, 2, 2)


class ClassStrip(Card):
    """All classes; choosing some shows only their images.

    Attributes
    ----------
    chosenChanged : Signal()
        :attr:`chosen` has changed.
    """

    chosenChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Classes", "", parent)
        self.tiles: tuple[ClassTile, ...] = ()
        self._inside = QWidget()
        self._row = QHBoxLayout(self._inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scroll.setWidget(self._inside)
        self._scroll = scroll
        self.add(scroll)
        self._fit_height()
        escape = QShortcut(QKeySequence("Esc"), self)
        escape.setWhatsThis("Show the images of all classes")
        escape.activated.connect(self.choose_all)

    @property
    def chosen(self) -> frozenset[int]:
        """Labels of the chosen classes; empty means all."""
        return frozenset(tile.facts.label for tile in self.tiles if tile.isChecked())

    def show_classes(self, classes: tuple[ClassFacts, ...]) -> None:
        """Show the classes of another data set; all are chosen."""
        for tile in self.tiles:
            self._row.removeWidget(tile)
            tile.deleteLater()
        most = max((one.training for one in classes), default=0), max((one.test for one in classes), default=0)
        self.tiles = tuple(ClassTile(one, most) for one in classes)
        for tile in self.tiles:
            self._row.addWidget(tile)
            tile.clicked.connect(self._clicked)
        self._fit_height()

    def choose_one(self, label: int) -> None:
        """Show the images of one class alone."""
        for tile in self.tiles:
            tile.setChecked(tile.facts.label == label)
        self.chosenChanged.emit()

    def show_split(self, split: str, counts: npt.NDArray[np.int64], wrong: npt.NDArray[np.int64] | None = None) -> None:
        """Show the numbers of a split.

        Parameters
        ----------
        split : str
            ``training``, ``test`` or ``drawings``.
        counts : ndarray of int64, (classes,)
            Its images of each class.
        wrong : ndarray of int64, (classes,), optional
            How many of those a network takes for another class; None if that isn't known.
        """
        for tile in self.tiles:
            label = tile.facts.label
            tile.show_split(split, int(counts[label]), None if wrong is None else int(wrong[label]))
        what = "drawings" if split == "drawings" else f"{split} images"
        red = "" if wrong is None else ", wrong ones in red"
        self.set_caption(f"mean image, {what}{red} · bars: training, test")

    def choose_all(self) -> None:
        """Show all classes again."""
        if self.chosen:
            for tile in self.tiles:
                tile.setChecked(False)
            self.chosenChanged.emit()

    def _clicked(self) -> None:
        """Choose only the clicked class, or add it with Shift; clicking the only chosen class shows all again."""
        pressed = self.sender()
        if not QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            others = [tile for tile in self.tiles if tile is not pressed and tile.isChecked()]
            for tile in others:
                tile.setChecked(False)
            if others and isinstance(pressed, ClassTile):
                pressed.setChecked(True)
        self.chosenChanged.emit()

    def _fit_height(self) -> None:
        wide = len(self.tiles) > 12  # a scroll bar below needs room
        self._scroll.setFixedHeight(60 + (self._scroll.horizontalScrollBar().sizeHint().height() if wide else 0))
