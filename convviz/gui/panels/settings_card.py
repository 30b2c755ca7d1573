"""The settings that a first run needs, beside the pictures: network, training, data."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import Conv2D
from convviz.core.lower import lower
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Caption, ElidedLabel, ThemedLabel
from convviz.gui.widgets.number_field import FloatField, IntField, NumberField

RESTART = "Takes effect when training starts anew."
LIVE = "Takes effect with the next minibatch, also while it trains."


class SettingsCard(Card):
    """Fields of the design; an edit is applied when the resulting network is possible.

    Attributes
    ----------
    designEdited : Signal(object)
        A new, possible design: the network is to be made anew.
    learningRateEdited : Signal(float)
        Applies at once.
    faultChanged : Signal(str)
        Why what stands in the fields can't be trained; empty where it can.
    openRequested, builtinRequested : Signal()
        The user wants another data file, or the built-in digits.
    """

    designEdited = Signal(object)
    learningRateEdited = Signal(float)
    faultChanged = Signal(str)
    openRequested = Signal()
    builtinRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Settings", "", parent)
        self._design: Design | None = None
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
        self.fields: dict[str, NumberField] = {}
        self._data = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._build()
        scroll = QScrollArea()
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        self.problem = Caption(wrap=True, token="danger")
        self.problem.hide()
        self.add(scroll, 1)
        self.add(self.problem)

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
        data.addWidget(self._data)
        data.addLayout(buttons)
        data.setContentsMargins(0, 0, 0, 4)
        self._grid.addLayout(data, 0, 0, 1, 2)
        lr = FloatField(0.01, low=0.0, low_open=True, high=1000.0, name="learning rate", tip=LIVE)
        self._row("lr", "Learning rate", lr, live=True)
        self._row("batch_size", "Batch size", IntField(64, low=1, high=65536, name="batch size"))
        self._row("epochs", "Epochs", IntField(50, low=1, high=100000, name="epochs"))
        self._row("filters", "Filters", IntField(32, low=1, high=1024, name="filters"))
        self._row("kernel_h", "Kernel height", IntField(7, low=1, high=1024, name="kernel height"))
        self._row("kernel_w", "Kernel width", IntField(7, low=1, high=1024, name="kernel width"))
        self._row("stride", "Stride", IntField(1, low=1, high=1024, name="stride"))
        self._row("padding", "Padding", IntField(1, low=0, high=1024, name="padding"))
        self._row("train_size", "Training images", IntField(1, low=1, name="training images"))
        self._row("test_size", "Test images", IntField(1, low=1, name="test images"))
        self._row("seed", "Seed", IntField(0, low=0, high=2**63 - 1, name="seed"))
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def _row(self, name: str, word: str, field: NumberField, *, live: bool = False) -> None:
        self.fields[name] = field
        field.line.setToolTip(LIVE if live else RESTART)
        field.edited.connect(self._lr_edited if live else self._edited)
        field.validityChanged.connect(self._tell_validity)
        self._place(word, field, LIVE if live else RESTART)

    def _place(self, word: str, item: QWidget | QHBoxLayout, tip: str) -> None:
        row = self._grid.rowCount()
        label = ThemedLabel(word)
        label.setToolTip(tip)
        self._grid.addWidget(label, row, 0)
        if isinstance(item, QWidget):
            self._grid.addWidget(item, row, 1)
        else:
            self._grid.addLayout(item, row, 1)

    # --- showing -----------------------------------------------------------------------------------------------

    def show_design(self, design: Design, data_name: str, n_train: int, n_test: int) -> None:
        """Show a design and the data it is for."""
        self._design = design
        settings, conv = design.training, first_convolution(design)
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
        self._used = frozenset(values)
        for name, field in self.fields.items():
            field.setEnabled(name in values and (name == "lr" or not self._running))
            if name in values:
                field.set_value(values[name])
        self._totals = n_train, n_test
        self._data.set_text(f"{data_name} · {n_train:,} + {n_test:,} images")
        self.say("")

    def say(self, problem: str) -> None:
        """Show what is wrong, in one sentence; empty takes it away."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._tell_validity()

    def set_running(self, running: bool) -> None:
        """While a run goes on only what applies live can be edited."""
        self._running = running
        self.set_caption("the learning rate applies at once" if running else "")
        for name, field in self.fields.items():
            if name != "lr":
                field.setEnabled(not running and name in self._used)
                field.line.setToolTip("Stop the run to change this." if running else RESTART)

    # --- editing -----------------------------------------------------------------------------------------------

    def edited_design(self) -> Design:
        """The design with what stands in the fields."""
        if self._design is None:
            raise DesignError("there is no design yet")
        value = {name: field.value for name, field in self.fields.items()}
        optimiser = replace(self._design.training.optimiser, lr=float(value["lr"]))
        n_train, n_test = self._totals
        training = replace(
            self._design.training,
            optimiser=optimiser,
            batch_size=value["batch_size"],
            epochs=value["epochs"],
            seed=value["seed"],
            train_size=None if value["train_size"] == n_train else value["train_size"],
            test_size=None if value["test_size"] == n_test else value["test_size"],
        )
        conv = first_convolution(self._design)
        layers = self._design.layers
        if conv is not None:
            changes = {"filters": value["filters"], "kernel": (value["kernel_h"], value["kernel_w"])}
            changes |= {name: value[name] for name in ("stride", "padding") if self.fields[name].isEnabled()}
            new = replace(conv, **changes)
            layers = tuple(new if layer is conv else layer for layer in layers)
        return replace(self._design, layers=layers, training=training)

    def _edited(self, _value: object) -> None:
        if self._design is None:
            return
        try:
            self._check_sizes()
            design = self.edited_design()
            lower(design, 1)
        except DesignError as error:
            self.say(str(error))
            return
        self.say("")
        if design != self._design:
            self._design = design
            self.designEdited.emit(design)

    def _check_sizes(self) -> None:
        for name, there in zip(("train_size", "test_size"), self._totals, strict=True):
            word = "training" if name == "train_size" else "test"
            too_many = self.fields[name].value > there
            sentence = f"{word} images: expected at most the {there:,} there are" if too_many else ""
            self.fields[name].set_problem(sentence)
            if too_many:
                raise DesignError(sentence)

    def fault(self) -> str:
        """Why what stands in the fields can't be trained; empty where it can."""
        wrong = [field.problem for name, field in self.fields.items() if name in self._used and not field.is_valid]
        return wrong[0] if wrong else self.problem.text()

    def commit(self) -> None:
        """Take over what is being typed."""
        for field in self.fields.values():
            if field.line.hasFocus():
                field.line.clearFocus()

    def _tell_validity(self, *_: object) -> None:
        fault = self.fault()
        if fault != self._fault:
            self._fault = fault
            self.faultChanged.emit(fault)

    def _lr_edited(self, value: float) -> None:
        if self._design is not None:
            self._design = self.edited_design()
        self.learningRateEdited.emit(float(value))


def first_convolution(design: Design) -> Conv2D | None:
    """The first convolution of a design."""
    return next((layer for layer in design.layers if isinstance(layer, Conv2D)), None)
