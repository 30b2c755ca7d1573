"""The result of an import: samples, classes, values, and remarks on them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.data.importing.preview import SHOWN, ImportPreview
from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, Note, ThemedLabel
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.thumbnail import HistogramBars, Thumbnail
from convviz.present.numbers import format_value

ACROSS = 8
SIDE = 58
MOST_REMARKS = 3


class ImageCounts(QWidget):
    """Numbers of images, one bar a class."""

    LINE = 15

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.names: tuple[str, ...] = ()
        self.counts: Array = np.zeros(0, np.int64)
        self._theme.changed.connect(self.update)

    def show_counts(self, names: tuple[str, ...], counts: Array) -> None:
        """Show a bar a class."""
        self.names, self.counts = names, counts
        self.setFixedHeight(max(1, len(counts)) * self.LINE)
        pairs = zip(names, counts, strict=False)
        self.setAccessibleDescription(", ".join(f"{name}: {count}" for name, count in pairs))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, max(1, len(self.counts)) * self.LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.mono(11))
        metrics = painter.fontMetrics()
        first, last = event.rect().top() // self.LINE, event.rect().bottom() // self.LINE + 1
        widest = max((metrics.horizontalAdvance(name) for name in self.names), default=0)
        left = min(max(widest, 10) + 2, 88) + 8
        most = int(self.counts.max(initial=1)) or 1
        right = metrics.horizontalAdvance(f"{most:,}") + 8
        for number in range(first, min(last, len(self.counts))):
            top = number * self.LINE
            painter.setPen(self._theme.colour("ink"))
            name = metrics.elidedText(self.names[number], Qt.TextElideMode.ElideRight, left - 8)
            painter.drawText(QRectF(0, top, left - 8, self.LINE), Qt.AlignmentFlag.AlignVCenter, name)
            count = int(self.counts[number])
            painter.setPen(self._theme.colour("muted"))
            place = QRectF(self.width() - right, top, right, self.LINE)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{count:,}")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("faint"))
            room = self.width() - left - right
            painter.drawRoundedRect(QRectF(left, top + 5, max(1.0, room * count / most), 5), 2, 2)


class LookPanel(QWidget):
    """The right half of the dialog.

    Attributes
    ----------
    anotherAsked : Signal()
        The user wants to see other images.
    """

    anotherAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.title = Heading("Reading …", level=3)
        self.another = Button("another 24", icon_name="dice", kind="quiet", small=True, tip="Show other images")
        self.another.clicked.connect(self.anotherAsked)
        self.pictures = [Thumbnail(SIDE, name=f"sample {number + 1}") for number in range(SHOWN)]
        self.labels = [ElidedLabel(size=11, mono=True, align=Qt.AlignmentFlag.AlignHCenter) for _ in self.pictures]
        samples = QGridLayout()
        samples.setHorizontalSpacing(6)
        samples.setVerticalSpacing(2)
        for number, (picture, label) in enumerate(zip(self.pictures, self.labels, strict=True)):
            label.setFixedWidth(SIDE)
            line, place = divmod(number, ACROSS)
            samples.addWidget(picture, 2 * line, place, Qt.AlignmentFlag.AlignHCenter)
            samples.addWidget(label, 2 * line + 1, place, Qt.AlignmentFlag.AlignHCenter)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.another)
        self.uneven = ElidedLabel(token="muted", size=12, align=Qt.AlignmentFlag.AlignRight)
        self.bars = ImageCounts()
        scroll = scrolled(self.bars)
        scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        scroll.setMinimumHeight(90)
        classes = QVBoxLayout()
        classes.setSpacing(6)
        classes.addLayout(_head("Classes", self.uneven))
        classes.addWidget(scroll, 1)
        self.of = ElidedLabel(token="muted", size=12, align=Qt.AlignmentFlag.AlignRight)
        self.histogram = HistogramBars(58, name="values of all pixels")
        self.mean_image = Thumbnail(SIDE, name="mean image")
        self.facts: dict[str, ThemedLabel] = {}
        table = QGridLayout()
        table.setHorizontalSpacing(8)
        table.setVerticalSpacing(3)
        for number, word in enumerate(("mean", "std", "same image twice")):
            self.facts[word] = ThemedLabel(mono=True, size=12)
            table.addWidget(Caption(word), number, 0)
            table.addWidget(self.facts[word], number, 1, Qt.AlignmentFlag.AlignRight)
        drawn = QHBoxLayout()
        drawn.setSpacing(12)
        below = QHBoxLayout()
        below.addWidget(Caption("0"))
        below.addStretch(1)
        below.addWidget(Caption("log count"))
        below.addStretch(1)
        below.addWidget(Caption("1"))
        bars = QVBoxLayout()
        bars.setSpacing(2)
        bars.addWidget(self.histogram)
        bars.addLayout(below)
        mean = QVBoxLayout()
        mean.setSpacing(2)
        mean.addWidget(self.mean_image)
        mean.addWidget(Caption("mean image"))
        drawn.addLayout(bars, 1)
        drawn.addLayout(mean)
        pixels = QVBoxLayout()
        pixels.setSpacing(6)
        pixels.addLayout(_head("Pixels", self.of))
        pixels.addLayout(drawn)
        pixels.addLayout(table)
        pixels.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(28)
        both.addLayout(classes, 1)
        both.addLayout(pixels, 1)
        self.remarks = [_Remark() for _ in range(MOST_REMARKS)]
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 16, 22, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addLayout(samples)
        column.addLayout(both, 1)
        for remark in self.remarks:
            column.addWidget(remark)
            remark.hide()

    def show_preview(self, preview: ImportPreview) -> None:
        """Show the preview."""
        total = preview.train + preview.test if preview.recipe.test is None else preview.train
        last = preview.start + len(preview.images)
        which = f"First {len(preview.images)}" if preview.start == 0 else f"Images {preview.start:,}–{last - 1:,}"
        self.title.setText(f"{which} of {total:,}")
        self.another.setEnabled(total > SHOWN)
        for number, (picture, label) in enumerate(zip(self.pictures, self.labels, strict=True)):
            there = number < len(preview.images)
            picture.show_values(preview.images[number] if there else None)
            label.set_text(preview.labels[number] if there else "")
        some = preview.counts[preview.counts > 0]
        if len(some) > 1:
            self.uneven.set_text(f"largest {some.max() / some.min():.2f} × smallest")
        else:
            self.uneven.set_text("")
        self.bars.show_counts(preview.recipe.names, preview.counts)
        self.of.set_text(f"of the first {preview.looked_at:,}" if preview.looked_at < total else "of all images")
        self.histogram.show_counts(preview.histogram)
        self.mean_image.show_values(preview.mean_image)
        texts = format_value(preview.mean), format_value(preview.std), f"{preview.twice:,}"
        for fact, text in zip(self.facts.values(), texts, strict=True):
            fact.setText(text)
        shown = list(preview.remarks[:MOST_REMARKS])
        more = len(preview.remarks) - MOST_REMARKS
        if more > 0:
            kind, sentence = shown[-1]
            shown[-1] = kind, f"{sentence}  ({more} more)"
        for number, remark in enumerate(self.remarks):
            remark.setVisible(number < len(shown))
            if number < len(shown):
                remark.say(*shown[number])


class _Remark(QWidget):
    """A sentence with a sign."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._kind = "info"
        self._sign = QLabel()
        self.text = Note(token="ink")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self._theme.changed.connect(self._resign)

    def say(self, kind: str, sentence: str) -> None:
        """Say a sentence: a ``warning`` or an ``info``."""
        self._kind = kind
        self.text.setText(sentence)
        self._resign()

    def _resign(self) -> None:
        colours = self._theme.palette
        colour = colours.warning if self._kind == "warning" else colours.muted
        self._sign.setPixmap(icon_pixmap(self._kind, colour, 14, self.devicePixelRatioF()))


def _head(title: str, caption: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(Heading(title, level=3))
    row.addWidget(caption, 1)
    return row
