"""The question which preprocessing a network of another program expects."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Heading, Note, ThemedLabel
from convviz.plurals import capital
from convviz.present.design.build_text import written_shape
from convviz.present.preprocess import OWN, TITLES, choices, numbers_of, outcome, text_of
from convviz.run.messages import PreprocessAsked
from convviz.storage.preprocess import PRESETS, Preprocess, guessed

WIDTH, EDGE, INDENT = 700, 48, 24


class PreprocessDialog(QDialog):
    """Asks what is done to images first. Esc is Cancel, Enter is Open.

    Parameters
    ----------
    asked : PreprocessAsked
    window : QWidget

    Attributes
    ----------
    answered : Signal(object)
        The user has chosen: the :class:`Preprocess`.
    """

    answered = Signal(object)

    def __init__(self, asked: PreprocessAsked, window: QWidget) -> None:
        super().__init__(window)
        self.asked = asked
        self.setModal(True)
        title = f"How does {asked.path.name} want its images?"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.keys = choices(asked.design)
        self.group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        theme = current_theme()
        for key in self.keys:
            one = self.buttons[key] = QRadioButton(TITLES[key][0])
            one.setFont(theme.font(13))
            one.setAccessibleDescription(TITLES[key][1])
            self.group.addButton(one)
        self.mean, self.std, self.called = QLineEdit(), QLineEdit(), QLineEdit()
        for line, name in ((self.mean, "Mean"), (self.std, "Deviation"), (self.called, "Class names")):
            line.setAccessibleName(name)
        self.called.setPlaceholderText(f"{asked.design.classes:,} names with commas between them; numbers if empty")
        self.large = QCheckBox("of pixels of 0 … 255")
        self.reversed = QCheckBox("channels are blue, green, red")
        self.reversed.setVisible(asked.design.input.channels == 3)
        self.outcome = Note(token="ink")
        self.fault = Note(token="danger")
        self.open_button = Button("Open", kind="primary", tip="Open the network with this as its first layer (Enter)")
        self.open_button.setDefault(True)
        self.cancel = Button("Cancel", tip="Keep the network that is open (Esc)")
        self._lay_out(title)
        self.buttons[guessed(asked.design)].setChecked(True)
        self._fill()
        self.group.buttonClicked.connect(self._fill)
        for line in (self.mean, self.std):
            line.textEdited.connect(self._own)
        self.called.textEdited.connect(self._show)
        for box in (self.large, self.reversed):
            box.clicked.connect(self._own)
        self.open_button.clicked.connect(self._open)
        self.cancel.clicked.connect(self.reject)
        self.finished.connect(self._end)
        self.setFixedWidth(min(WIDTH, window.width() - EDGE))
        self.buttons[guessed(asked.design)].setFocus()

    def _lay_out(self, title: str) -> None:
        image = self.asked.design.input
        shape = written_shape((image.channels, image.height, image.width))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(6)
        heading = Heading(title, level=1)
        heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column.addWidget(heading)
        column.addWidget(
            Note(
                f"The file doesn't say what its pixels were. Here they are 0…1, red, green, blue, brought to {shape}; "
                "what you choose is done to them first, by a layer of its own. It is asked once for this file."
            )
        )
        column.addSpacing(6)
        rows = QGridLayout()
        rows.setHorizontalSpacing(14)
        rows.setVerticalSpacing(9)
        rows.setColumnStretch(1, 1)
        for number, (key, one) in enumerate(self.buttons.items()):
            rows.addWidget(one, number, 0, Qt.AlignmentFlag.AlignTop)
            rows.addWidget(Note(TITLES[key][1]), number, 1, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(rows)
        form = QFormLayout()
        form.setContentsMargins(INDENT, 6, 0, 4)
        form.setHorizontalSpacing(12)
        for word, line in (("Mean", self.mean), ("Deviation", self.std)):
            form.addRow(ThemedLabel(word, token="muted"), line)
        boxes = QHBoxLayout()
        boxes.setSpacing(24)
        boxes.addWidget(self.large)
        boxes.addWidget(self.reversed)
        boxes.addStretch(1)
        form.addRow(ThemedLabel(""), boxes)
        column.addLayout(form)
        column.addWidget(self.outcome)
        column.addWidget(self.fault)
        column.addSpacing(4)
        names = QHBoxLayout()
        names.setSpacing(12)
        names.addWidget(ThemedLabel("Class names", token="muted"))
        names.addWidget(self.called, 1)
        column.addLayout(names)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.open_button)
        column.addSpacing(4)
        column.addLayout(foot)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self.adjustSize)  # once the sentences have their heights

    @property
    def chosen(self) -> str:
        """The word for what is chosen."""
        return next(key for key, one in self.buttons.items() if one.isChecked())

    def choose(self, key: str) -> None:
        """Choose as a click does."""
        self.buttons[key].click()

    def answer(self) -> Preprocess:
        """The chosen preprocessing.

        Raises
        ------
        ValueError
            A number can't be read.
        """
        names = tuple(name.strip() for name in self.called.text().split(",")) if self.called.text().strip() else ()
        if self.chosen != OWN:
            return replace(PRESETS[self.chosen], class_names=names)
        top = 255.0 if self.large.isChecked() else 1.0
        mean, std = numbers_of(self.mean.text()), numbers_of(self.std.text())
        return Preprocess(mean, std, top, self.reversed.isChecked(), names)

    def _fill(self) -> None:
        """Show the numbers of the preset, from which the user's own numbers start."""
        if self.chosen != OWN:
            preset = PRESETS[self.chosen]
            self.mean.setText(text_of(preset.mean))
            self.std.setText(text_of(preset.std))
            self.large.setChecked(preset.top == 255)
            self.reversed.setChecked(preset.is_reversed)
        self._show()

    def _own(self) -> None:
        self.buttons[OWN].setChecked(True)
        self._show()

    def _show(self) -> None:
        try:
            wanted = self.answer()
            fault = wanted.problem(self.asked.design)
        except ValueError:
            wanted, fault = Preprocess(), "mean and deviation: expected numbers with commas between them"
        self.outcome.setText(outcome(self.asked.design, wanted) if not fault else "")
        self.outcome.setVisible(not fault)
        self.fault.setText(capital(fault) + "." if fault else "")
        self.fault.setVisible(bool(fault))
        self.open_button.setEnabled(not fault)

    def _open(self) -> None:
        answer = self.answer()
        self.accept()
        self.answered.emit(answer)

    def _end(self, _result: int) -> None:
        QTimer.singleShot(0, self.deleteLater)
