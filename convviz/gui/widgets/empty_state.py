"""What a place says while it has nothing to show, and the way to change that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import button
from convviz.gui.widgets.demo import run_demo
from convviz.gui.widgets.labels import Heading, ThemedLabel


class EmptyState(QWidget):
    """An icon, a line, a sentence and at most one button, centred.

    Parameters
    ----------
    title : str
        What is missing: ``No run yet``.
    sentence : str
        How it comes about.
    icon_name : str
        Of an icon in :mod:`convviz.gui.theme.icon`.
    action : (str, callable), optional
        What the button says and does.
    """

    def __init__(
        self,
        title: str,
        sentence: str = "",
        parent: QWidget | None = None,
        *,
        icon_name: str = "info",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._icon_name = icon_name
        self._sign = QLabel()
        self.title = Heading(title, level=2)
        self.sentence = ThemedLabel(sentence, token="muted")
        self.sentence.setWordWrap(True)
        # A wrapping label has no height of its own until it has a width.
        width = min(360, self.sentence.fontMetrics().horizontalAdvance(sentence) + 8)
        self.sentence.setFixedSize(width, max(0, self.sentence.heightForWidth(width)))
        if not sentence:
            self.sentence.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(6)
        layout.addStretch(1)
        for label in (self._sign, self.title, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._sign)
        layout.addSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        if action is not None:
            layout.addSpacing(8)
            layout.addWidget(button(action[0], action[1]), 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self._theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(icon_pixmap(self._icon_name, self._theme.palette.faint, 32, ratio))


def _demo() -> QWidget:
    return EmptyState(
        "Nothing to step through yet",
        "Train for at least one minibatch, or step into the first one from here.",
        icon_name="into",
        action=("Step into the first minibatch", lambda: None),
    )


if __name__ == "__main__":
    run_demo(_demo, "EmptyState", (480, 260))
