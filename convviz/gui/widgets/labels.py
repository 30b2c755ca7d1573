"""Text on the panel: headings, captions, and lines that end in an ellipsis if they don't fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.elided import CutTexts, by_parts


class ThemedLabel(QLabel):
    """A label whose colour is a token of the palette, and follows the theme.

    Parameters
    ----------
    text : str
        What it says.
    token : str
        The colour's name in the palette: ``ink``, ``muted``, ``faint``, ``accent_text``, ``danger`` …
    size : float
        In pixels.
    weight : QFont.Weight
        Normal or DemiBold.
    mono : bool
        Numbers and code.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        token: str = "ink",
        size: float = 13,
        weight: QFont.Weight = QFont.Weight.Normal,
        mono: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self._theme = current_theme()
        self._token = token
        self._look = (size, weight, mono)
        self._theme.follow(self._restyle)
        self._restyle()

    @property
    def token(self) -> str:
        """The palette token of the text's colour."""
        return self._token

    def set_token(self, token: str) -> None:
        """Use another colour of the palette."""
        if token != self._token:
            self._token = token
            self._restyle()

    def _restyle(self) -> None:
        size, weight, mono = self._look
        self.setFont(self._theme.mono(size, weight) if mono else self._theme.font(size, weight))
        palette = self.palette()
        palette.setColor(self.foregroundRole(), self._theme.colour(self._token))
        self.setPalette(palette)


class Heading(ThemedLabel):
    """A heading: level 1 is 17 px (the name of a page), 2 is 15 px (a group), 3 is 13 px (a card), all semibold."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, level: int = 2) -> None:
        super().__init__(text, parent, size={1: 17, 2: 15, 3: 13}.get(level, 13), weight=QFont.Weight.DemiBold)


class Caption(ThemedLabel):
    """Small muted text beside or below the thing it explains; can wrap."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, wrap: bool = False, token: str = "muted"
    ) -> None:
        super().__init__(text, parent, token=token, size=12)
        self.setWordWrap(wrap)


class Note(Caption):
    """A wrapped caption that is always as high as its text at its width.

    Qt takes the preferred height of a wrapped label as its minimum height, so cards that contain one could not shrink
    and would squeeze their neighbours.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None, *, token: str = "muted") -> None:
        super().__init__(text, parent, wrap=True, token=token)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._keep_height()

    def hasHeightForWidth(self) -> bool:
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._keep_height()

    def _keep_height(self) -> None:
        self.setMinimumHeight(0)  # else Qt would find no lower height, and a note that became wider would keep its own
        self.setFixedHeight(max(1, self.heightForWidth(self.width())))


class ElidedLabel(QWidget):
    """One line of text that ends in "…" if there is no room, and then has the whole text as a tooltip.

    Numbers at its end stay, unless a ``mode`` is given: see :func:`~convviz.gui.widgets.elided.elided`. With ``parts``
    whole parts are left out: see :func:`~convviz.gui.widgets.elided.by_parts`.

    Its size hint fits the text, but it can shrink to nothing.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        token: str = "ink",
        size: float = 13,
        weight: QFont.Weight = QFont.Weight.Normal,
        mono: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        mode: Qt.TextElideMode | None = None,
        parts: bool = False,
    ) -> None:
        super().__init__(parent)
        self._theme, self._by_parts = current_theme(), parts
        self._text, self._token, self._align, self._mode = text, token, align, mode
        self._cuts = CutTexts()
        self.setFont(self._theme.mono(size, weight) if mono else self._theme.font(size, weight))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self._theme.changed.connect(self.update)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            before = self.sizeHint().width()
            self._text = text
            self.setAccessibleName(text)
            self._retip()
            if self.sizeHint().width() != before:  # otherwise the layout around it need not change
                self.updateGeometry()
            self.update()

    def set_token(self, token: str) -> None:
        """Use another colour of the palette."""
        if token != self._token:
            self._token = token
            self.update()

    def shown_text(self) -> str:
        """Return the text as shown on screen."""
        if self._by_parts:
            return by_parts(self._text, self.fontMetrics(), self.width())
        if self._mode is None:
            return self._cut(self._text)
        return self.fontMetrics().elidedText(self._text, self._mode, self.width())

    def _cut(self, text: str) -> str:
        """A text with its middle or its end cut, if it has no room."""
        return self._cuts.cut(text, self.font(), self.fontMetrics(), self.width())

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour(self._token))
        painter.drawText(self.rect(), int(self._align | Qt.AlignmentFlag.AlignVCenter), self.shown_text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._retip()
        super().resizeEvent(event)

    def _retip(self) -> None:
        tip = self._text if self.shown_text() != self._text else ""
        if tip != self.toolTip():
            self.setToolTip(tip)
