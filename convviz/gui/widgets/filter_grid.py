"""All filters of a layer, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.array_view import ArrayView
from convviz.gui.widgets.buttons import button
from convviz.gui.widgets.demo import run_demo
from convviz.gui.widgets.labels import Caption
from convviz.gui.widgets.marks import Mark
from convviz.gui.widgets.scale_bar import ScaleBar
from convviz.present.colour import Levels, Role, levels


class FilterGrid(QWidget):
    """Filters, or the maps they make, as a grid of tiles with a scale below; arrow keys and clicks choose one.

    Of filters over several channels one channel is shown at a time; two small buttons change it.

    Attributes
    ----------
    filterPicked : Signal(int)
        The user chose a filter.
    filterHovered : Signal(int)
        The pointer is on a filter; −1 when it leaves.
    channelPicked : Signal(int)
        The user chose a channel.
    """

    filterPicked = Signal(int)
    filterHovered = Signal(int)
    channelPicked = Signal(int)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        role: Role | str = Role.WEIGHT,
        name: str = "weight",
        scale: bool = True,
        place: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        super().__init__(parent)
        self._role = Role(role)
        self._array: npt.NDArray[np.generic] | None = None
        self._levels: Levels | None = None
        self._channel = 0
        self._selected: int | None = None
        self._dead: tuple[int, ...] = ()
        self.view = ArrayView(name=name, by_tile=True, interactive=False, place=place, tooltip=True, preferred_cell=6)
        self.view.tilePicked.connect(self._picked)
        self.view.cellHovered.connect(self._hovered)
        self.view.cellLeft.connect(self._left)
        self.scale = ScaleBar(self._role)
        self._with_scale = scale
        self._channel_row = QWidget()
        row = QHBoxLayout(self._channel_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._channel_text = Caption()
        self._previous = button(
            icon_name="left", kind="quiet", small=True, tip="Previous channel", on_click=self._one_back
        )
        self._next = button(icon_name="right", kind="quiet", small=True, tip="Next channel", on_click=self._one_on)
        for part in (self._channel_text, self._previous, self._next):
            row.addWidget(part)
        foot = QHBoxLayout()
        foot.addWidget(self.scale)
        foot.addStretch()
        foot.addWidget(self._channel_row, 0, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.view)
        layout.addLayout(foot)
        layout.addStretch(1)
        # Shown or hidden only once they have a parent: on its own a widget would become a window.
        self.scale.setVisible(scale)
        self._channel_row.hide()
        self.setFocusProxy(self.view)

    def set_filters(
        self,
        array: npt.ArrayLike | None,
        scale: Levels | None = None,
        *,
        channel: int | None = None,
        columns: int | None = None,
        locked: bool = False,
    ) -> None:
        """Show filters (F, C, KH, KW) or maps (F, H, W).

        Parameters
        ----------
        array : array or None
            ``None`` shows nothing.
        scale : Levels, optional
            Default is that of the array, all channels together.
        channel : int, optional
            Which channel; default is the one shown.
        columns : int, optional
            Tiles in a row.
        locked : bool
            Whether the scale is held over time: the scale bar says so.
        """
        if array is None:
            self._array = None
            self.view.set_picture(None)
            self._channel_row.hide()
            self.scale.hide()
            return
        given = np.asarray(array)
        if given.ndim not in (3, 4):
            raise ValueError(f"filters: expected shape (F, C, KH, KW) or (F, H, W), got {given.shape}")
        self._array = given
        channels = given.shape[1] if given.ndim == 4 else 1
        self._channel = min(self._channel if channel is None else channel, channels - 1)
        self._levels = levels(self._role, given) if scale is None else scale
        shown = given if given.ndim == 3 else given[:, self._channel]
        chosen = self._channel
        index_of = (lambda tile, row, col: (tile, chosen, row, col)) if given.ndim == 4 else None
        self.view.set_picture(shown, self._role, self._levels.high, columns=columns, index_of=index_of)
        self.scale.set_scale(self._role, self._levels, locked)
        self.scale.setVisible(self._with_scale)
        self._channel_row.setVisible(channels > 1)
        self._channel_text.setText(f"channel {self._channel} of {channels}")
        self._previous.setEnabled(self._channel > 0)
        self._next.setEnabled(self._channel < channels - 1)
        self._mark()
        self._hug()

    def set_selected(self, index: int | None) -> None:
        """Choose a filter, without a signal; ``None`` chooses none."""
        self._selected = index
        self._mark()

    def set_dead(self, indices: Sequence[int]) -> None:
        """Mark filters that answer to nothing: dashed."""
        self._dead = tuple(indices)
        self._mark()

    @property
    def selected(self) -> int | None:
        """The chosen filter."""
        return self._selected

    @property
    def channel(self) -> int:
        """The channel shown."""
        return self._channel

    def sizeHint(self) -> QSize:
        return self.view.sizeHint() + QSize(0, 30)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hug()

    def _hug(self) -> None:
        """Make the view as high as its tiles, so that the scale lies right below them."""
        foot = 30 if self._with_scale or not self._channel_row.isHidden() else 0
        room = max(24, self.height() - foot)
        self.view.setFixedHeight(max(24, self.view.content_height_in(self.width(), room)))

    def _mark(self) -> None:
        marks = [Mark.whole_tile(index, "changed") for index in self._dead]
        if self._selected is not None:
            marks.append(Mark.whole_tile(self._selected))
        self.view.set_marks(marks)

    def _picked(self, tile: int) -> None:
        if tile != self._selected:
            self.set_selected(tile)
            self.filterPicked.emit(tile)

    def _hovered(self, index: tuple[int, ...]) -> None:
        self.filterHovered.emit(index[0])

    def _left(self) -> None:
        self.filterHovered.emit(-1)

    def _one_back(self) -> None:
        self._turn(-1)

    def _one_on(self) -> None:
        self._turn(1)

    def _turn(self, way: int) -> None:
        self.set_filters(self._array, self._levels, channel=self._channel + way)
        self.channelPicked.emit(self._channel)


def _demo() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    draw = np.random.default_rng(1)
    for shape in ((32, 1, 7, 7), (16, 3, 5, 5)):
        grid = FilterGrid()
        grid.set_filters(draw.normal(0, 0.3, shape).astype(np.float32))
        grid.set_selected(12)
        grid.set_dead([3])
        layout.addWidget(grid)
    return page


if __name__ == "__main__":
    run_demo(_demo, "FilterGrid", (420, 480))
