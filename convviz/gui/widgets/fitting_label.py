"""A line of text in several lengths, of which the longest that fits is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.labels import ElidedLabel


class FittingLabel(ElidedLabel):
    """Shows the longest text that fits; the full text is in the tooltip.

    Parameters
    ----------
    texts : sequence of str
        From the longest to the shortest.
    cut : bool
        Whether the shortest is cut where not even that fits, as in an :class:`ElidedLabel`; otherwise nothing is shown,
        which suits what is also said elsewhere.
    """

    def __init__(
        self,
        texts: Sequence[str] = (),
        parent: QWidget | None = None,
        *,
        token: str = "muted",
        size: float = 11,
        weight: QFont.Weight = QFont.Weight.Normal,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        cut: bool = False,
    ) -> None:
        self._texts: tuple[str, ...] = ()
        self._is_cut = cut
        self._tip = ""
        super().__init__("", parent, token=token, size=size, weight=weight, align=align)
        self.set_texts(texts)

    def set_texts(self, texts: Sequence[str], tip: str = "") -> None:
        """Change the texts; ``tip`` replaces the default tooltip."""
        if (tuple(texts), tip) != (self._texts, self._tip):
            self._texts, self._tip = tuple(texts), tip
            self.set_text(self._texts[0] if self._texts else "")
            self._retip()
            self.update()

    @property
    def texts(self) -> tuple[str, ...]:
        """From the longest to the shortest."""
        return self._texts

    def shown_text(self) -> str:
        metrics = self.fontMetrics()
        shown = next((one for one in self._texts if metrics.horizontalAdvance(one) <= self.width()), "")
        return self._cut(self._texts[-1]) if self._is_cut and not shown and self._texts else shown

    def _retip(self) -> None:
        if not self._tip:
            super()._retip()
        elif self._tip != self.toolTip():
            self.setToolTip(self._tip)
