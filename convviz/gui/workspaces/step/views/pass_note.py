"""A note about the pass at this step, with a link to the minibatch if a minibatch would show more."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.training.pass_source import PassKind


class PassNoteView(QWidget):
    """A sentence; hidden where there is nothing to say.

    Attributes
    ----------
    picked : Signal(str)
        The kind of pass to step instead.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._leads_to = PassKind.NEXT
        self.text = Caption(wrap=True, token="ink")
        self.button = Button("", small=True)
        self.button.clicked.connect(lambda: self.picked.emit(str(self._leads_to)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setVisible(False)

    def show_step(self, picture: StepPicture) -> None:
        """Show the note for another step."""
        note = picture.note
        if self.text.text() != note.text:
            self.text.setText(note.text)
        kinds = {"minibatch": (PassKind.LAST, PassKind.NEXT), "next": (PassKind.NEXT,)}.get(note.leads_to, ())
        self._leads_to = next((kind for kind in kinds if not picture.source.why_not[kind]), picture.source.kind)
        self.button.setText(f"Step the {self._leads_to} minibatch")
        self.button.setVisible(self._leads_to is not picture.source.kind)
        self.setVisible(bool(note.text))


if __name__ == "__main__":
    run_view(PassNoteView)
