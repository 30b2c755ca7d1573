"""The settings that a first run needs, shown beside the pictures: network, training, data."""

from __future__ import annotations

import dataclasses
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from convviz.core.design import Design, Training
from convviz.core.errors import DesignError
from convviz.core.layers import Conv2D
from convviz.core.lower import lower
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.value_field import ValueField
from convviz.gui.widgets.labels import Caption, ElidedLabel, ThemedLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.design.fields import FieldKind, FieldSpec, fields_of, normal
from convviz.present.watch.look import Look
from convviz.present.watch.settings import SettingsPicture

OF_CONVOLUTION = ("filters", "kernel_h", "kernel_w", "stride", "padding")


class SettingsCard(WatchView):
    """Fields of the design; an edit is announced if the resulting network is possible.

    Attributes
    ----------
    designEdited : Signal(object)
        The edited design with another setting.
    faultChanged : Signal(str)
        Why the values in the fields can't be trained; empty if they can.
    openRequested, builtinRequested : Signal()
        The user wants another data file, or the built-in digits.
    """

    designEdited = Signal(object)
    faultChanged = Signal(str)
    openRequested = Signal()
    builtinRequested = Signal()

    @staticmethod
    def picture_of(look: Look) -> SettingsPicture | None:
        """The settings of the look."""
        return look.settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: SettingsPicture | None = None
        self._design: Design | None = None
        """The design being edited."""
        self._shown: dict[str, float] = {}
        """The values in the fields."""
        self._running = False
        self._used: frozenset[str] = frozenset()
        self._totals = 0, 0
        self._fault = ""
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 6, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self.fields: dict[str, ValueField] = {}
        self.labels: dict[str, tuple[ThemedLabel, str]] = {}
        """With the word that it says of a network with one convolution."""
        self._data = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._images = ThemedLabel(token="muted")
        self._build()
        scroll = QScrollArea()
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        self.caption = Caption(wrap=True)
        self.caption.hide()
        self.problem = Caption(wrap=True, token="danger")
        self.problem.hide()
        self.card = Card("Settings")
        self.card.add(scroll, 1)
        self.card.add(self.caption)
        self.card.add(self.problem)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)

    # --- contents ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        data = QVBoxLayout()
        data.setSpacing(6)
        buttons = QHBoxLayout()
        open_file = Button(
            "Open file…", small=True, tip="Open an HDF5 data set (Ctrl+Shift+O); or drop a file on the window"
        )
        builtin = Button("Built-in digits", small=True, tip="Use the digits that convviz draws itself")
        open_file.clicked.connect(self.openRequested)
        builtin.clicked.connect(self.builtinRequested)
        buttons.addWidget(open_file)
        buttons.addWidget(builtin)
        buttons.addStretch()
        named = QHBoxLayout()
        named.setSpacing(8)
        named.addWidget(self._data)
        named.addWidget(self._images)
        named.addStretch()
        data.addLayout(named)
        data.addLayout(buttons)
        data.setContentsMargins(0, 0, 0, 4)
        self._grid.addLayout(data, 0, 0, 1, 2)
        for name, (word, spec) in settings().items():
            self._row(name, word, spec)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def _row(self, name: str, word: str, spec: FieldSpec) -> None:
        field = self.fields[name] = ValueField(spec, spec.default)
        field.edited.connect(self._edited)
        field.validityChanged.connect(self._emit_validity)
        row = self._grid.rowCount()
        label = ThemedLabel(word)
        label.setToolTip(spec.tip)
        label.setBuddy(field)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)
        self.labels[name] = label, word

    # --- showing -----------------------------------------------------------------------------------------------

    def show_picture(self, picture: SettingsPicture) -> None:
        """Show the run's settings during a run, else the edited ones; and the data."""
        if picture is self._picture:
            return
        self._picture, self._design, self._running = picture, picture.edited, picture.is_running
        edited, shown = picture.edited, picture.run if picture.is_running else picture.edited
        self._totals = picture.n_train, picture.n_test
        values = self._values(shown)
        live = {"epochs"}
        if type(picture.run.training.optimiser) is type(edited.training.optimiser):
            live.add("lr")  # the rate of another optimiser does not apply to the run
        if self._running:  # as being edited: it may have to wait too
            values |= {name: value for name, value in self._values(edited).items() if name in live}
        self._shown, self._used = values, frozenset(values)
        for name, field in self.fields.items():
            field.setEnabled(name in values and (name in live or not self._running))
            if name in values:
                field.set_value(values[name])
            if not field.edit.spec.words.live:
                tip = "Stop the run, or go to Build, to change this." if self._running else field.edit.spec.tip
                field.edit.setToolTip(tip)
        self._name_convolution(shown)
        self._data.set_text(picture.data_name)
        self._images.setText(f"{picture.n_train:,} + {picture.n_test:,}")
        self._images.setToolTip(f"{picture.n_train:,} training and {picture.n_test:,} test images")
        self.caption.setText(picture.caption)
        self.caption.setVisible(bool(picture.caption))
        self.say("")

    def _name_convolution(self, design: Design) -> None:
        """Name the convolution that the settings belong to, if there are several."""
        there = [layer for layer in design.named().layers if isinstance(layer, Conv2D)]
        for name in OF_CONVOLUTION:
            label, word = self.labels[name]
            label.setText(f"{there[0].name} {word.lower()}" if len(there) > 1 else word)

    def _values(self, design: Design) -> dict[str, float]:
        settings, conv = design.training, first_convolution(design)
        n_train, n_test = self._totals
        values: dict[str, float] = {
            "lr": settings.optimiser.lr,
            "batch_size": settings.batch_size,
            "epochs": settings.epochs,
            "train_size": settings.train_size or n_train,
            "test_size": settings.test_size or n_test,
            "seed": settings.seed,
        }
        if conv is not None:
            kernel = (conv.kernel, conv.kernel) if isinstance(conv.kernel, int) else conv.kernel
            values |= {"filters": conv.filters, "kernel_h": kernel[0], "kernel_w": kernel[1]}
            if isinstance(conv.stride, int):
                values["stride"] = conv.stride
            if isinstance(conv.padding, int):
                values["padding"] = conv.padding
        return values

    def say(self, problem: str) -> None:
        """Show an error in one sentence; an empty text removes it."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._emit_validity()

    # --- editing -----------------------------------------------------------------------------------------------

    def edited_design(self) -> Design:
        """The design with the values in the fields."""
        if self._design is None:
            raise DesignError("there is no design yet")
        changed = self._changed()
        training: dict[str, Any] = {n: changed[n] for n in ("batch_size", "epochs", "seed") if n in changed}
        for name, there in zip(("train_size", "test_size"), self._totals, strict=True):
            if name in changed:
                training[name] = None if changed[name] == there else changed[name]
        if "lr" in changed:
            training["optimiser"] = replace(self._design.training.optimiser, lr=float(changed["lr"]))
        conv = first_convolution(self._design)
        layers = self._design.layers
        if conv is not None:
            changes: dict[str, Any] = {n: changed[n] for n in ("filters", "stride", "padding") if n in changed}
            if "kernel_h" in changed or "kernel_w" in changed:
                changes["kernel"] = normal((self.fields["kernel_h"].value, self.fields["kernel_w"].value))
            layers = tuple(replace(conv, **changes) if layer is conv else layer for layer in layers)
        return replace(self._design, layers=layers, training=replace(self._design.training, **training))

    def _changed(self) -> dict[str, float]:
        """The settings whose fields differ from the values that were shown."""
        return {name: self.fields[name].value for name in self._used if self.fields[name].value != self._shown[name]}

    def _edited(self, _value: object) -> None:
        if self._design is None:
            return
        try:
            self._check_sizes()
            design = self.edited_design()
            if not all(self.fields[name].edit.spec.words.live for name in self._changed()):
                lower(design, 1)
        except DesignError as error:
            self.say(str(error))
            return
        self.say("")
        if design != self._design:
            self.designEdited.emit(design)

    def _check_sizes(self) -> None:
        for name, there in zip(("train_size", "test_size"), self._totals, strict=True):
            word = "training" if name == "train_size" else "test"
            too_many = self.fields[name].value > there
            sentence = f"{word} images: expected at most the {there:,} there are" if too_many else ""
            self.fields[name].set_fault(sentence)
            if too_many:
                raise DesignError(sentence)

    def fault(self) -> str:
        """Why the values in the fields can't be trained; empty if they can."""
        wrong = [field.problem for name, field in self.fields.items() if name in self._used and not field.is_valid]
        return wrong[0] if wrong else self.problem.text()

    def commit(self) -> None:
        """Accept the text that is being typed."""
        for field in self.fields.values():
            if field.edit.hasFocus():
                field.edit.clearFocus()

    def _emit_validity(self, *_: object) -> None:
        fault = self.fault()
        if fault != self._fault:
            self._fault = fault
            self.faultChanged.emit(fault)


def settings() -> dict[str, tuple[str, FieldSpec]]:
    """Return the label and the field of each setting: those of the schema, as one number each."""
    training = {spec.name: spec for spec in fields_of(Training)}
    optimiser = {spec.name: spec for spec in fields_of(type(Training().optimiser))}
    conv = {spec.name: spec for spec in fields_of(Conv2D)}
    return {
        "lr": ("Learning rate", optimiser["lr"]),
        "batch_size": ("Batch size", training["batch_size"]),
        "epochs": ("Epochs", training["epochs"]),
        "filters": ("Filters", conv["filters"]),
        "kernel_h": ("Kernel height", as_number(conv["kernel"], "kernel height", 7)),
        "kernel_w": ("Kernel width", as_number(conv["kernel"], "kernel width", 7)),
        "stride": ("Stride", as_number(conv["stride"], "stride", 1)),
        "padding": ("Padding", as_number(conv["padding"], "padding", 1)),
        "train_size": ("Training images", as_number(training["train_size"], "training images", 1)),
        "test_size": ("Test images", as_number(training["test_size"], "test images", 1)),
        "seed": ("Seed", training["seed"]),
    }


def as_number(spec: FieldSpec, label: str, default: int) -> FieldSpec:
    """Return a field that is one whole number: no pair and no words."""
    words = dataclasses.replace(spec.words, label=label, square=False, usual=())
    return dataclasses.replace(
        spec, kind=FieldKind.INT, words=words, default=default, choices=(), optional=False, none_word=""
    )


def first_convolution(design: Design) -> Conv2D | None:
    """The first convolution of a design."""
    return next((layer for layer in design.layers if isinstance(layer, Conv2D)), None)


if __name__ == "__main__":
    run_view(SettingsCard)
