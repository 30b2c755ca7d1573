"""A typeset formula."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.run_model.background import Background
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.present.step.formula import formula_lines

HEIGHT, MOST = 64, 112
"""Smallest and largest height of a formula in pixels."""
SIZE = 19
"""Of its font."""


class FormulaView(QWidget):
    """A typeset formula, drawn a moment later, because typesetting is slower than stepping may be.

    It is typeset in another thread: reading the fonts for the first one takes longer than a window may not answer.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._latex = ""
        self._lines: list[QSvgRenderer] = []
        self._shown = ""
        """The formula that the lines are of."""
        self._kept: dict[tuple[str, str, int], tuple[bytes, ...]] = {}
        """Lines by formula, colour and width."""
        self._typesetting = Background("typesetting", self)
        self._typesetting.done.connect(self._show)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(15)
        self._timer.timeout.connect(self._render)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._begin)

    def is_pending(self) -> bool:
        """Whether a formula is still to be typeset."""
        return self._timer.isActive() or self._typesetting.is_busy

    def show_step(self, picture: StepPicture) -> None:
        """Show the formula of another step."""
        self.set_formula(picture.formula)

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
        # Nobody sees what would come: it is typeset when this is shown again.
        self._timer.stop()
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
        if self.isVisible():
            self._timer.start()

    @Slot()
    def _render(self) -> None:
        key = latex, ink, room = self._latex, self._theme.palette.ink, self.width()
        self._typesetting.cancel()
        if key in self._kept:
            self._show((key, self._kept[key]))
            return
        if latex != self._shown:
            self._lines = []  # another step's
            self.update()
        if latex:
            self._typesetting.start(lambda _cancelled: (key, formula_lines(latex, ink, SIZE, room)))

    @Slot(object)
    def _show(self, made: tuple[tuple[str, str, int], tuple[bytes, ...]]) -> None:
        key, lines = made
        self._kept[key] = lines
        self._shown = key[0]
        self._lines = [QSvgRenderer(QByteArray(line)) for line in lines]
        sizes = [line.defaultSize() for line in self._lines]
        scale = min(1.0, self.width() / max(1, *(size.width() for size in sizes), 1))
        self.setFixedHeight(min(MOST, max(HEIGHT, round(sum(size.height() for size in sizes) * scale) + 6)))
        parent = self.parentWidget()
        layout = None if parent is None else parent.layout()
        if layout is not None:
            layout.activate()  # now, or it would briefly lie over what is below
        self.update()


if __name__ == "__main__":
    run_view(FormulaView)
