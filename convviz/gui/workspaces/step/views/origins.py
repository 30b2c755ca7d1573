"""Where a number comes from: the ways back through the pass, as links."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import WayPicture
from convviz.present.step.provenance import CellSource

FIRST_STOPS, LAST_STOPS = 2, 1
"""Number of stops shown at the beginning and the end of a long way back; a click shows those in between."""


class Origins(QLabel):
    """The ways back from a cell, one per line; every stop is a link.

    Attributes
    ----------
    originPicked : Signal(str, tuple)
        A stop was clicked: array and index.
    """

    originPicked = Signal(str, tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._branches: tuple[CellSource, ...] = ()
        self._whole_ways = False
        self._origin_of = ""
        self.setAccessibleName("where the cell comes from")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFont(self._theme.font(12))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(self._origin)
        self._theme.changed.connect(self._show_origins)

    def show_way(self, picture: WayPicture) -> None:
        """Show the ways back from another cell."""
        self.set_origins(picture.first, picture.branches)

    def set_origins(self, first: str, branches: tuple[CellSource, ...]) -> None:
        """Show the ways back from the cell, one per line, below the first line, which is about the cell itself."""
        if (first, branches) != (self._origin_of, self._branches):
            self._origin_of, self._branches, self._whole_ways = first, branches, False
            self._show_origins()

    def _show_origins(self) -> None:
        muted, link = self._theme.palette.muted, self._theme.palette.accent_text
        lines = []
        for way, branch in enumerate(self._branches):
            words = ""
            last = len(branch.stops) - 1
            hidden = range(0) if self._whole_ways else range(FIRST_STOPS, last - LAST_STOPS + 1)
            if len(hidden) < 3:
                hidden = range(0)
            for number, stop in enumerate(branch.stops):
                if number in hidden:
                    if number == hidden.start:
                        words += f"← <a href='all' style='color:{muted}'>… {len(hidden)} steps …</a> "
                    continue
                cell = stop.name.rpartition(".")[2]
                if number in (0, last) and stop.index:
                    cell += f"[{', '.join(map(str, stop.index))}]"
                words += f"← <a href='{way}.{number}' style='color:{link};text-decoration:none'>{cell}</a> "
                if number == 0 and branch.cells > 1:
                    words += f"(one of {branch.cells:,}) "
                if stop.step is not None:
                    words += f"← {stop.step.op.name} "
                    if stop.terms > 1:
                        words += f"(one of {stop.terms:,}) "
            lines.append(words.strip())
        text = "<br>".join([self._origin_of, *lines])
        self.setText(f"<span style='color:{muted}'>{text}</span>")

    def _origin(self, link: str) -> None:
        if link == "all":
            self._whole_ways = True
            self._show_origins()
            return
        way, _, number = link.partition(".")
        stop = self._branches[int(way)].stops[int(number)]
        self.originPicked.emit(stop.name, tuple(stop.index))


if __name__ == "__main__":
    run_view(Origins)
