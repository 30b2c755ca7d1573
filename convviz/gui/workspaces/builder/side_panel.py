"""The right side of the page: the selected layer and the settings, both at once or one at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.fields.segmented import SegmentedControl

LAYER, SETTINGS = 306, 324
NARROW = 1240
"""Width in pixels of the page below which the selected layer and the settings share one place."""


class SidePanel(QWidget):
    """Shows both if there is room; in narrow windows, a control above them chooses.

    Parameters
    ----------
    layer, settings : QWidget
        Widgets about the selected layer and about the training; the second one has the panel's background.
    """

    def __init__(self, layer: QWidget, settings: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._narrow = True
        self._settings = settings
        self.tabs = SegmentedControl(["Training", "Layer"], small=True, name="Side panel")
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(16, 10, 16, 0)
        bar.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignLeft)
        self._holder = QWidget()
        self._layer_place = QVBoxLayout(self._holder)
        self._layer_place.addWidget(layer)
        settings.setFixedWidth(SETTINGS)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._holder)
        row.addWidget(settings)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addLayout(row, 1)
        self.tabs.selected.connect(self._arrange)
        self._theme.changed.connect(self.update)
        self._arrange()

    def set_narrow(self, narrow: bool) -> None:
        """Show one at a time, or both."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._arrange()

    def show_layer(self) -> None:
        """Show the selected layer instead of the settings."""
        self.tabs.set_index(1)
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        narrow, layer = self._narrow, self.tabs.index == 1
        self._bar.setVisible(narrow)
        self._holder.setVisible(layer or not narrow)
        self._settings.setVisible(not (narrow and layer))
        self._layer_place.setContentsMargins(12 if narrow else 0, 8 if narrow else 12, 12, 12)
        self._holder.setFixedWidth(SETTINGS if narrow else LAYER)
        self.setFixedWidth(1 + (SETTINGS if narrow else LAYER + SETTINGS))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = 0 if self._narrow else self._settings.x() - 1
        painter.fillRect(left, 0, self.width() - left, self.height(), self._theme.colour("panel"))
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.drawLine(left, 0, left, self.height())


class PageRow(QHBoxLayout):
    """The row of a page whose side panel becomes narrow or wide before anything gets its place: once, not twice.

    Parameters
    ----------
    page : QWidget
    side : SidePanel
        Still to be added.
    """

    def __init__(self, page: QWidget, side: SidePanel) -> None:
        super().__init__(page)
        self._side = side
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(0)
        # The wide arrangement must not prevent the user from making the window narrow.
        self.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def setGeometry(self, rect: QRect) -> None:
        self._side.set_narrow(rect.width() < NARROW)
        super().setGeometry(rect)


def stacked(views: Sequence[QWidget], *, spacing: int, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QWidget:
    """Put widgets one above the other; ``margins`` are left, top, right, bottom."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(*margins)
    column.setSpacing(spacing)
    for view in views:
        column.addWidget(view)
    column.addStretch(1)
    return made
