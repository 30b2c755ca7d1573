"""One data set in the list of those that can be used."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.widgets.thumbnail import Thumbnail


class SourceRow(QWidget):
    """A title, what is known of it, and a button.

    Parameters
    ----------
    title : str
    about : str
    icon_name : str
        At the left; nothing if empty.

    Attributes
    ----------
    asked : Signal()
        The button, or the row itself, was clicked.
    dropped : Signal()
        The ✕ was clicked.
    """

    asked = Signal()
    dropped = Signal()

    def __init__(self, title: str, about: str = "", parent: QWidget | None = None, *, icon_name: str = "") -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._icon_name = icon_name
        self._share: float | None = None
        self._chosen = False
        self._missing = False
        self.title = ElidedLabel(title, size=13)
        self.about = ElidedLabel(about, token="muted", size=11)
        self._sign = QLabel(self)
        self.picture: Thumbnail | None = None
        self.button = Button("", small=True)
        self.close_button = Button(icon_name="close", kind="quiet", small=True, tip="Forget it")
        self.close_button.hide()
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.about)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 5, 4, 5)
        self._row.setSpacing(9)
        if icon_name:
            self._row.addWidget(self._sign)
        else:
            self._sign.hide()
        self._row.addLayout(words, 1)
        self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.button.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.asked)
        self.close_button.clicked.connect(self.dropped)
        self._theme.changed.connect(self._restyle)
        self._restyle()

    def offer(self, text: str = "", icon_name: str = "", tip: str = "") -> None:
        """Show the button with a text or an icon; neither hides it."""
        self.button.setText(text)
        self.button.set_icon(icon_name)
        self.button.setToolTip(tip)
        self.button.setAccessibleName(tip)
        self.button.setVisible(bool(text or icon_name))

    def show_progress(self, share: float | None) -> None:
        """Show a bar filled to a share, 0…1; None shows none."""
        if share != self._share:
            self._share = share
            self._row.setContentsMargins(8, 5, 4, 5 if share is None else 11)
            self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Mark the one that is in use."""
        self._chosen = chosen
        self._restyle()

    def set_missing(self, missing: bool) -> None:
        """Mark a file that is gone."""
        self._missing = missing
        self.close_button.setVisible(missing)
        self._restyle()

    def add_picture(self) -> Thumbnail:
        """A small picture at the left."""
        if self.picture is None:
            self.picture = Thumbnail(30, name="a sample")
            self._row.insertWidget(0, self.picture)
        return self.picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._icon_name and not self._missing:
            self.asked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        if self._chosen:
            painter.setPen(QPen(theme.colour("accent", 0.35), 1))
            painter.setBrush(theme.colour("accent_wash"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self._share is not None:
            bar = QRectF(8, self.height() - 7, self.width() - 16, 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("tray"))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(max(4.0, bar.width() * min(1.0, self._share)))
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(bar, 2, 2)

    def _restyle(self) -> None:
        theme = self._theme
        self.title.set_token("faint" if self._missing else "ink")
        self.title.setFont(theme.font(13, QFont.Weight.DemiBold if self._chosen else QFont.Weight.Normal))
        self.about.set_token("faint" if self._missing else "muted")
        if self._icon_name:
            colour = theme.palette.faint if self._missing else theme.palette.muted
            self._sign.setPixmap(icon_pixmap(self._icon_name, colour, 14, self.devicePixelRatioF()))
        self.update()
