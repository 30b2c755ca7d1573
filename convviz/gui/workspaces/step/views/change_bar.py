"""The number of changes, and buttons that undo the last one or make it again."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.present.words import counted

TIP = (
    "Numbers that you set, and everything computed from them since.\n"
    "Dashed outlines: cells whose numbers the last change altered."
)


class ChangeBar(QWidget):
    """Says how many changes the user has made to numbers of the pass."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = Caption("")
        self.count.setToolTip(TIP)
        self.undo = Button(icon_name="undo", kind="quiet", small=True, tip="Undo the last change (Ctrl+Z)")
        self.redo = Button(icon_name="redo", kind="quiet", small=True, tip="Redo the change (Ctrl+Shift+Z)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.count)
        for one in (self.undo, self.redo):
            policy = one.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # so that the first change doesn't move the bar below
            one.setSizePolicy(policy)
            row.addWidget(one)

    def show_step(self, picture: StepPicture) -> None:
        """Show the changes in force."""
        edits, can_redo = picture.edits, picture.can_redo
        self.count.setText(counted(edits, "change") if edits else "")
        for button, usable in ((self.undo, bool(edits)), (self.redo, can_redo)):
            button.setVisible(bool(edits) or can_redo)
            button.setEnabled(usable)


if __name__ == "__main__":
    run_view(ChangeBar)
