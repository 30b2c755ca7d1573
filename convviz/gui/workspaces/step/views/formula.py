"""A typeset formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.run_model.background import Background
from convviz.gui.theme import current_theme
from convviz.gui.widgets.laying_out import lay_out
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.gui.workspaces.step.shipped_formulas import is_shipped, shipped_lines
from convviz.present.step.formula import formula_lines

HEIGHT, MOST = 64, 112
"""Smallest and largest height of a formula, in pixels."""
SIZE = 19
"""Size of its font, in pixels."""
REST, STILL = 10, 120
"""Milliseconds to wait before typesetting ahead: between two formulas, and after a formula has been shown.
Typesetting at once would slow down the next step if the user goes straight on to it."""
ROUND = 32
"""The width for formulas is rounded down to a multiple of this, in pixels, so that a scroll bar rarely changes it."""

Key = tuple[str, str, int]
"""A formula in LaTeX, its colour, and the width available, in pixels."""
Made = tuple[Key, tuple[bytes, ...]]
"""A typeset formula: its key, and SVG documents, one for each line."""


class FormulaView(QWidget):
    """A typeset formula. It is drawn a moment later, because typesetting is too slow for stepping.

    Formulas are typeset in another thread: reading the fonts for the first one would block the window for too long.
    Once the formula is shown, the others of the pass are typeset one by one, so that they can be shown at once.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._latex = ""
        self._lines: list[QSvgRenderer] = []
        self._shown = ""
        """The formula whose lines are shown."""
        self._kept: dict[Key, tuple[bytes, ...]] = {}
        self._wanted: Key | None = None
        """The formula being typeset in order to be shown; None while one is typeset ahead."""
        self._of_pass: Callable[[], Iterable[str]] = tuple
        self._coming: Callable[[], tuple[str, ...]] = tuple
        self._typesetting = Background("typesetting", self)
        self._typesetting.done.connect(self._made)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.timeout.connect(self._go_ahead)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(15)
        self._timer.timeout.connect(self._render)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._begin)

    def is_pending(self) -> bool:
        """Whether the formula to show is still to be typeset."""
        return self._timer.isActive() or (self._wanted is not None and self._typesetting.is_busy)

    def has(self, latex: str) -> bool:
        """Whether a formula has been typeset for the current colour and width."""
        return self._is_there(self._key(latex))

    def show_step(self, picture: StepPicture) -> None:
        """Show the formula of another step."""
        if picture.formulas is not self._of_pass:
            self.set_coming(picture.formulas)
        self.set_formula(picture.formula)

    def set_coming(self, formulas: Callable[[], Iterable[str]]) -> None:
        """Set a function that returns the formulas to typeset ahead; it is called in another thread."""
        self._of_pass = formulas
        self._coming = cache(lambda: tuple(dict.fromkeys(formulas())))
        if self.isVisible():
            self._resting.start(STILL)

    def set_formula(self, latex: str) -> None:
        """Show a formula written in LaTeX."""
        if latex != self._latex:
            self._latex = latex
            self.setAccessibleName(latex)
            self._begin()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        # Nobody would see the formula: it is typeset when this is shown again.
        self._timer.stop()
        self._resting.stop()
        self._typesetting.cancel()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        sizes = [line.defaultSize() for line in self._lines]
        if not sizes:
            return
        wide, high = max(size.width() for size in sizes), sum(size.height() for size in sizes)
        scale = min(1.0, self.width() / max(1, wide), self.height() / max(1, high))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, y = (self.width() - wide * scale) / 2, (self.height() - high * scale) / 2
        for line, size in zip(self._lines, sizes, strict=True):
            line.render(painter, QRectF(left, y, size.width() * scale, size.height() * scale))
            y += size.height() * scale

    @Slot()
    def _begin(self) -> None:
        if not self.isVisible():
            return
        key = self._key(self._latex)
        if self._is_there(key):
            self._timer.stop()
            self._typesetting.cancel()
            self._show(key)
        else:
            self._timer.start()

    def _is_there(self, key: Key) -> bool:
        """Whether a formula is typeset."""
        if key not in self._kept and is_shipped(key[0]):
            self._kept[key] = shipped_lines(*key)
        return key in self._kept

    def _key(self, latex: str) -> Key:
        return latex, self._theme.palette.ink, self.width() // ROUND * ROUND

    @Slot()
    def _render(self) -> None:
        self._typesetting.cancel()
        self._wanted = None
        key = self._key(self._latex)
        if key in self._kept:
            self._show(key)
            return
        if key[0] != self._shown:
            self._lines = []  # they are another formula's
            self.update()
        if key[0]:
            self._wanted = key
            self._typesetting.start(lambda _cancelled: typeset(key))

    @Slot(object)
    def _made(self, made: Made) -> None:
        key, self._kept[key] = made
        if key == self._wanted:
            self._show(key)
        else:
            self._resting.start(REST)

    @Slot()
    def _go_ahead(self) -> None:
        """Typeset the next formula ahead, unless one is being typeset."""
        if self.isVisible() and not self._typesetting.is_busy:
            coming, kept, (_, ink, room) = self._coming, frozenset(self._kept), self._key("")
            self._typesetting.start(lambda _cancelled: typeset_next(coming, kept, ink, room))

    def _show(self, key: Key) -> None:
        self._wanted = None
        lines = self._kept[key]
        self._resting.start(STILL)
        self._shown = key[0]
        self._lines = [QSvgRenderer(QByteArray(line)) for line in lines]
        sizes = [line.defaultSize() for line in self._lines]
        scale = min(1.0, self.width() / max(1, *(size.width() for size in sizes), 1))
        self.setFixedHeight(min(MOST, max(HEIGHT, round(sum(size.height() for size in sizes) * scale) + 6)))
        lay_out(self.parentWidget())  # otherwise it would briefly cover what is below
        self.update()


def typeset(key: Key) -> Made:
    """Typeset the formula of a key."""
    latex, ink, room = key
    return key, formula_lines(latex, ink, SIZE, room)


def typeset_next(coming: Callable[[], tuple[str, ...]], kept: AbstractSet[Key], ink: str, room: int) -> Made | None:
    """Typeset the first formula that isn't kept yet; return None if all are."""
    keys = ((latex, ink, room) for latex in coming() if latex)
    missing = next((key for key in keys if key not in kept and not is_shipped(key[0])), None)
    return None if missing is None else typeset(missing)


if __name__ == "__main__":
    run_view(FormulaView)
