"""A few images or patches of them, three in a row, each with its image's number and a word."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.thumbnail import image_of

COLUMNS, GAP, TEXT = 3, 8, 18


class PatchGrid(QWidget):
    """Three patches a row; one of them is chosen.

    Parameters
    ----------
    name : str
        For screen readers.

    Attributes
    ----------
    chosen, opened : Signal(int)
        Row of the image that the user chose, or wants explained.
    """

    KEYS = FocusKeys(
        "images in threes",
        {"Choose another patch": ("Left", "Right", "Up", "Down"), "Explain its image": ("Return", "Enter")},
    )

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._patches: Array | None = None
        self.rows: list[int] = []
        """Rows of the images."""
        self._texts: list[str] = []
        self.position = 0
        """Which of them is chosen."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)
        self._theme.changed.connect(self.update)

    @property
    def row(self) -> int:
        """Row of the chosen patch's image; -1 without one."""
        return self.rows[self.position] if self.rows and self.position >= 0 else -1

    def show_patches(self, patches: Array, rows: list[int], texts: list[str], position: int = 0) -> None:
        """Show patches ``(k, C, h, w)`` of images, each with a text; none is chosen at position -1."""
        self._patches, self.rows, self._texts, self.position = patches, rows, texts, position
        self._describe()
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = -(-len(self.rows) // COLUMNS) or 1
        return lines * (self._side(width) + TEXT + GAP) - GAP

    def sizeHint(self) -> QSize:
        return QSize(264, self.heightForWidth(max(self.width(), 200)))

    def rect_of(self, position: int) -> QRect:
        """The place of a patch, its text included."""
        side = self._side(self.width())
        down, across = divmod(position, COLUMNS)
        return QRect(across * (side + GAP), down * (side + TEXT + GAP), side, side + TEXT)

    # --- Qt --------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._patches is None:
            return
        painter = QPainter(self)
        for position, (row, words) in enumerate(zip(self.rows, self._texts, strict=True)):
            place = self.rect_of(position)
            frame = QRectF(place.left(), place.top(), place.width(), place.height() - TEXT)
            patch = self._patches[position]
            scale = (frame.width() - 2) / max(patch.shape[1:])
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            drawn = QRectF(0, 0, patch.shape[2] * scale, patch.shape[1] * scale)
            drawn.moveCenter(frame.center())
            painter.fillRect(frame, self._theme.colour("field"))
            painter.drawImage(drawn, image_of(patch, self._theme.dark))
            here = position == self.position
            token = "focus" if here and self.hasFocus() else "accent" if here else "line"
            painter.setPen(QPen(self._theme.colour(token), 2 if here else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))
            text = QRectF(frame.left(), frame.bottom(), frame.width(), TEXT)
            painter.setFont(self._theme.mono(11))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{row:,}")
            painter.setPen(self._theme.colour("ink"))
            painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._click(event.position().toPoint(), event.button(), opened=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._click(event.position().toPoint(), event.button(), opened=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS}
        key = Qt.Key(event.key())
        if key in moves and self.rows:
            self._choose(min(max(self.position + moves[key], 0), len(self.rows) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.rows:
            self.opened.emit(self.row)
        else:
            super().keyPressEvent(event)

    # --- how -------------------------------------------------------------------------------------------------------

    def _click(self, point: QPoint, button: Qt.MouseButton, *, opened: bool) -> None:
        at = next((one for one in range(len(self.rows)) if self.rect_of(one).contains(point)), None)
        if button == Qt.MouseButton.LeftButton and at is not None:
            self._choose(at)
            if opened:
                self.opened.emit(self.row)

    def _choose(self, position: int) -> None:
        self.position = position
        self._describe()
        self.update()
        self.chosen.emit(self.row)

    def _describe(self) -> None:
        if self.row >= 0:
            self.setAccessibleDescription(f"image {self.row}, {self._texts[self.position]}")

    def _side(self, width: int) -> int:
        return max((width - (COLUMNS - 1) * GAP) // COLUMNS, 20)
