"""The bar that moves the cursor: start, back, into, over, out, play; micro-steps and pace."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.pace import PACES
from convviz.gui.workspaces.step.picture import StepPicture


class Transport(QWidget):
    """Buttons and sliders of the debugger.

    Attributes
    ----------
    asked : Signal(str)
        ``start``, ``back``, ``into``, ``over``, ``out`` or ``play``.
    scrubbed : Signal(int)
        The user moved the micro-step slider to this number of done micro-steps.
    paceChanged : Signal(int)
        Index in :data:`PACES`.
    """

    asked = Signal(str)
    scrubbed = Signal(int)
    paceChanged = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.buttons: dict[str, Button] = {}
        for word, text, icon, tip in (
            ("start", "Start", "start", "Before the first step: nothing has run (Ctrl+Home)"),
            (
                "back",
                "Back",
                "back",
                "Go back a micro-step inside a step, otherwise a step (Backspace; Shift+F10: always a step)",
            ),
            ("into", "Into", "into", "Into the step, one micro-step at a time: a cell, a window, a column (F11)"),
            ("over", "Over", "over", "Run the next step, all of it; inside a step, finish it first (F10)"),
            ("out", "Out", "out", "Finish this step and leave its micro-steps (Shift+F11)"),
            ("play", "Play", "play", "Play: micro-steps inside a step, otherwise steps (Space)"),
        ):
            made = Button(text, icon_name=icon, kind="primary" if word == "over" else "secondary", tip=tip)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.clicked.connect(lambda _=False, word=word: self.asked.emit(word))
            self.buttons[word] = made
            layout.addWidget(made)
        layout.addSpacing(8)
        self.unit = Caption("cell")
        self.place = ThemedLabel("", mono=True, size=12)
        self.micro = QSlider(Qt.Orientation.Horizontal)
        self.micro.setAccessibleName("micro-steps")
        self.micro.setToolTip("Which of the step's micro-steps are done: drag to scrub")
        self.micro.setMinimumWidth(48)
        self.micro.valueChanged.connect(self._scrubbed)
        self.pace = QSlider(Qt.Orientation.Horizontal)
        self.pace.setAccessibleName("pace")
        self.pace.setRange(0, len(PACES) - 1)
        self.pace.setValue(3)
        self.pace.setFixedWidth(64)
        self.pace.valueChanged.connect(self._paced)
        self.pace_label = Caption("pace")
        layout.addWidget(self.unit)
        layout.addWidget(self.place)
        layout.addWidget(self.micro, 1)
        layout.addSpacing(4)
        layout.addWidget(self.pace_label)
        layout.addWidget(self.pace)
        self._unit = "cell"
        self._paced(self.pace.value())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self, picture: StepPicture) -> None:
        """Show another step's micro-steps, and which moves are possible."""
        self.set_place(picture.unit, picture.done, picture.count)
        for word, button in self.buttons.items():
            button.setEnabled(word in picture.usable)

    def set_place(self, unit: str, done: int, count: int) -> None:
        """Show how many micro-steps of the block are done."""
        self._unit = unit
        self.unit.setText(unit)
        self.place.setText(f"{done:,} / {count:,}")
        was = self.micro.blockSignals(True)
        self.micro.setRange(0, count)
        self.micro.setPageStep(max(1, count // 16))
        self.micro.setValue(done)
        self.micro.blockSignals(was)
        self._show_pace()

    def set_playing(self, playing: bool) -> None:
        """Show Pause while playing, otherwise Play."""
        button = self.buttons["play"]
        button.setText("Pause" if playing else "Play")
        button.set_icon("pause" if playing else "play")

    def set_narrow(self, narrow: bool) -> None:
        """Show only icons on the buttons, or their words too."""
        for word, button in self.buttons.items():
            text = "" if narrow and word != "over" else word.capitalize()
            if word == "play" and not narrow and button.text() == "Pause":
                continue
            button.setText(text)
            button.setAccessibleName(word.capitalize())
            button.updateGeometry()
        self.pace_label.setVisible(not narrow)

    def _scrubbed(self, value: int) -> None:
        self.scrubbed.emit(value)

    def _paced(self, value: int) -> None:
        self._show_pace()
        self.paceChanged.emit(value)

    def _show_pace(self) -> None:
        pace = PACES[self.pace.value()]
        self.pace.setToolTip(f"Pace of Play: {pace.words(self._unit)}")


if __name__ == "__main__":
    run_view(Transport)
