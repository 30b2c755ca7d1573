"""The selected layer, large: filters, or a dense layer's weights, or the statistics of a batch normalisation."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.layout import filling_columns
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Caption
from convviz.gui.widgets.marks import Mark
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.colour import ColourRole
from convviz.present.numbers import format_value
from convviz.present.watch.layer import (
    ABSENT,
    KINDS,
    MEANINGS,
    NAMES,
    SHORT_MEANINGS,
    STRONGEST,
    LayerPicture,
    layer_picture,
    words_of,
)

GAP = 1.0
"""Gap between two tiles, in cells."""
LARGEST = 110
"""Largest length of a tile's longer side, in pixels; further room gives fewer rows instead of larger tiles."""


class ChannelBars(QWidget):
    """Numbers of each channel as bars: one row per statistic, each on its own scale with zero marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._rows: tuple[tuple[str, Array], ...] = ()
        Ground(self)
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    def show_rows(self, rows: tuple[tuple[str, Array], ...]) -> None:
        """Show other numbers."""
        self._rows = rows
        self.setAccessibleDescription("; ".join(words_of(name, values) for name, values in rows))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        height = self.height() / max(len(self._rows), 1)
        for number, (name, values) in enumerate(self._rows):
            self._paint_row(painter, QRectF(0, number * height, self.width(), height), name, values)

    def _paint_row(self, painter: QPainter, area: QRectF, name: str, values: Array) -> None:
        colour = self._theme.colour
        painter.setFont(self._theme.font(12))
        painter.setPen(colour("muted"))
        head = QRectF(area.left(), area.top(), area.width(), 18)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, f"{name} by channel")
        painter.setFont(self._theme.mono(11))
        low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
        said = f"{format_value(float(values.min()), 3)} … {format_value(float(values.max()), 3)}"
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, said)
        inside = area.adjusted(0, 20, 0, -8)
        span = (high - low) or 1.0
        zero = inside.top() + inside.height() * high / span
        step = inside.width() / len(values)
        gap = 1.0 if step > 4 else 0.0
        for place, value in enumerate(values.tolist()):
            end = inside.top() + inside.height() * (high - value) / span
            bar = QRectF(inside.left() + place * step, min(end, zero), max(step - gap, 1.0), max(abs(end - zero), 1.0))
            painter.fillRect(bar, colour("training" if value >= 0 else "test"))
        painter.fillRect(QRectF(inside.left(), zero, inside.width(), 1), colour("faint"))


class LayerCard(WatchView):
    """A card with one layer; a click chooses a filter, a double click enlarges the weights."""

    is_slow = True
    picture_of = staticmethod(layer_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: LayerPicture | None = None
        self._channels = 0
        self.card = Card("Layer")
        self.kind = SegmentedControl(KINDS, small=True, name="What is shown of the layer", tips=MEANINGS)
        self.kind.selected.connect(self._again)
        self.card.caption.hide()
        self.about = FittingLabel(size=12)
        self.about.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        Ground(self.about)
        self.card.add_action(self.about)
        self.card.add_action(self.kind)
        self._words = Caption("channel")
        self.channel = Combo([("the strongest", STRONGEST)], name="Channel", tip="Which slice of each filter is shown")
        self.channel.edited.connect(self._again)
        self._line = QWidget()
        line = QHBoxLayout(self._line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._words)
        line.addWidget(self.channel)
        line.addStretch()
        self.view = ArrayView(interactive=False, place=(0.0, 0.0), numbers=False, grid=False, name="Layer")
        Ground(self.view)
        self.bars = ChannelBars()
        self.bars.hide()
        self.nothing = Caption("", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.scale = HeldScale(length=110)
        self.scale.fitAsked.connect(self.fitAsked)
        self.meaning = FittingLabel(size=12)
        Ground(self.meaning)
        self.dead = FittingLabel(size=12, align=Qt.AlignmentFlag.AlignRight)
        Ground(self.dead)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.scale)
        foot.addWidget(self.meaning)
        foot.addWidget(self.dead, 1)
        self.card.add(self._line)
        for widget in (self.view, self.bars, self.nothing):
            self.card.add(widget, 1)
        self.card.add(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self.view.installEventFilter(self)
        self.view.tilePicked.connect(self._picked)
        self.view.cellOpened.connect(self._opened)
        self.view.cellHovered.connect(self._hovered)
        self.view.cellLeft.connect(lambda: self.hovered.emit(""))

    def show_picture(self, picture: LayerPicture) -> None:
        """Show a layer."""
        self._picture = picture
        self.card.set_title(picture.layer)
        statistics = bool(picture.statistics)
        self._offer_channels(picture.channels)
        for number, block in enumerate(picture.blocks):
            absent = block is None and not statistics
            self.kind.set_segment_enabled(number, not absent, ABSENT[number] if absent else MEANINGS[number])
        set_visible(self.kind, not statistics)
        shown = None if statistics else picture.tiles(self.kind.index, self._chosen)
        set_visible(self.bars, statistics)
        set_visible(self.view, shown is not None)
        set_visible(self.scale, shown is not None)
        set_visible(self.nothing, not statistics and shown is None)
        if statistics:
            self.about.set_texts((picture.caption, picture.caption.partition(" · ")[0]))
            self.bars.show_rows(picture.statistics)
            self.meaning.set_texts(())
            self.dead.set_texts(())
            return
        meaning = MEANINGS[self.kind.index]
        short = picture.caption.partition(": ")[0].partition(", ")[0]  # "1,024 units" has a comma too
        self.about.set_texts((picture.caption, short), meaning)
        self.meaning.set_texts((SHORT_MEANINGS[self.kind.index],), meaning)
        if shown is None:
            self.nothing.setText(ABSENT[self.kind.index] + ".")
            return
        tiles, _ = shown
        end, role = picture.scale(self.kind.index), picture.role(self.kind.index)
        name = f"{picture.layer}.{NAMES[self.kind.index]}"
        matrix = picture.is_matrix
        self.view.set_aspect("free" if matrix else "square")
        self._show_tiles(tiles, matrix, role, end.value, name)
        self.scale.show_end(role, end)
        marks = [Mark.whole_tile(number, "changed") for number in picture.silent if number < len(tiles)]
        if picture.selected >= 0:
            marks.append(Mark.whole_tile(picture.selected))
        self.view.set_marks(marks)
        self._say_dead(picture, len(tiles))

    def _show_tiles(self, tiles: Array, matrix: bool, role: ColourRole, end: float, name: str) -> None:
        """Show a matrix, or tiles in the number of columns that makes them largest."""
        if matrix:
            self.view.set_picture(tiles[0], role, end, name=name)
            return
        count, h, w = tiles.shape
        room = self.view.width(), self.view.height()
        columns = filling_columns(count, h, w, GAP, *room, most=LARGEST / max(h, w))
        self.view.set_picture(tiles, role, end, name=name, gap=GAP, columns=columns)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._again()
        return False

    @property
    def _chosen(self) -> int:
        return int(self.channel.values[max(self.channel.currentIndex(), 0)])  # type: ignore[call-overload]

    def _say_dead(self, picture: LayerPicture, tiles: int) -> None:
        count = len(picture.silent)
        if not count:
            self.dead.set_texts(())
            return
        said = f"dashed: {count} of {tiles} dead"
        self.dead.set_texts(
            (f"{said}, 0 for all judged images", said, "dashed: dead"),
            "Units whose output is 0 everywhere for the first 256 test images: no gradient reaches them",
        )

    def _offer_channels(self, channels: int) -> None:
        if channels != self._channels:
            self._channels = channels
            self.channel.set_choices([("the strongest", STRONGEST), *((str(one), one) for one in range(channels))])
        set_visible(self._line, channels > 1)

    def _again(self, *_: object) -> None:
        if self._picture is not None:
            self.show_picture(self._picture)

    def _picked(self, tile: int) -> None:
        if self._picture is not None and not self._picture.is_matrix:
            self.filterPicked.emit(self._picture.layer, tile)

    def _opened(self, _index: tuple) -> None:
        if self._picture is not None:
            self.pictureOpened.emit(f"{self._picture.layer}.weight")

    def _hovered(self, index: tuple) -> None:
        picture = self._picture
        shown = None if picture is None else picture.tiles(self.kind.index, self._chosen)
        if picture is None or shown is None:
            return
        tiles, channels = shown
        where = index if len(index) == tiles.ndim else (0, *index)
        value = float(tiles[where])
        if picture.is_matrix:
            said = f"unit {where[1]}, input {where[2]}"
        else:
            said = f"{where[0]}, channel {int(channels[where[0]])}, row {where[1]}, column {where[2]}"
        self.hovered.emit(f"{picture.layer}.{NAMES[self.kind.index]}[{said}] = {value:.6g}")


def set_visible(widget: QWidget, visible: bool) -> None:
    """Show or hide a widget; do nothing if it already is."""
    if widget.isHidden() == visible:
        widget.setVisible(visible)


if __name__ == "__main__":
    run_view(LayerCard)
