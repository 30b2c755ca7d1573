"""The user's edits of the design, as named edits of the document."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import Layer
from convviz.gui.run_model.design_document import DesignDocument
from convviz.plurals import small
from convviz.present.design.edits import (
    add_layer,
    duplicate_layer,
    move_layer,
    read_from,
    remove_layer,
    rename_layer,
    set_field,
    with_kind,
)
from convviz.present.design.fields import title_of
from convviz.present.design.repairs import Repair
from convviz.storage.presets import preset


class DesignEditor(QObject):
    """Makes edits; each is one undo step with a readable name.

    Attributes
    ----------
    refused : Signal(str)
        Why an edit was refused; empty after a successful one.
    layerTouched : Signal(int, str)
        The layer to select now, and the edit: ``add``, ``remove``, ``duplicate``, ``move``, ``rename``, ``open``.
    """

    refused = Signal(str)
    layerTouched = Signal(int, str)

    def __init__(self, document: DesignDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._dice = random.Random()  # noqa: S311 (a seed to show, not a secret)

    @property
    def design(self) -> Design:
        """The design that is edited."""
        return self._document.design

    def edit(self, design: Design, text: str, merge: str = "") -> bool:
        """Replace the design; False if the new one is refused or equal."""
        try:
            done = self._document.edit(design, text, merge)
        except DesignError as error:
            self.refused.emit(str(error))
            return False
        self.refused.emit("")
        return done

    def set_field(self, path: tuple[str | int, ...], value: Any, text: str) -> bool:
        """Set one field; successive edits of the same field are one undo step."""
        try:
            made = set_field(self.design, path, value)
        except DesignError as error:
            self.refused.emit(str(error))
            return False
        return self.edit(made, text, merge=".".join(str(part) for part in path))

    def add_layer(self, kind: type[Layer], at: int | None = None) -> None:
        """Add a layer at the end, or before number ``at``."""
        where = len(self.design.layers) if at is None else at
        if self.edit(add_layer(self.design, kind, where), f"add {title_of(kind)}"):
            self.layerTouched.emit(where, "add")

    @Slot(int)
    def remove_layer(self, number: int) -> None:
        """Remove a layer."""
        name = self.design.layers[number].name
        if self.edit(remove_layer(self.design, number), f"remove {name}"):
            self.layerTouched.emit(min(number, len(self.design.layers) - 1), "remove")

    @Slot(int)
    def duplicate_layer(self, number: int) -> None:
        """Insert a copy of a layer below it."""
        name = self.design.layers[number].name
        if self.edit(duplicate_layer(self.design, number), f"duplicate {name}"):
            self.layerTouched.emit(number + 1, "duplicate")

    @Slot(int, int)
    def move_layer(self, number: int, to: int) -> None:
        """Move a layer so that its number becomes ``to``."""
        if 0 <= to < len(self.design.layers):
            name = self.design.layers[number].name
            if self.edit(move_layer(self.design, number, to), f"move {name}"):
                self.layerTouched.emit(to, "move")

    def read_from(self, number: int, names: Sequence[str]) -> None:
        """Choose the layers whose outputs a layer reads."""
        name = self.design.layers[number].name
        try:
            made = read_from(self.design, number, names)
        except DesignError as error:
            self.refused.emit(f"{name}: {error}")
            return
        if self.edit(made, f"input of {name}"):
            self.layerTouched.emit(number, "rename")

    @Slot(int, str, object)
    def set_layer_field(self, number: int, field: str, value: object) -> None:
        """Set a field of a layer."""
        if 0 <= number < len(self.design.layers):
            name = self.design.layers[number].name
            self.set_field(("layers", number, field), value, f"{field.replace('_', ' ')} of {name}")

    @Slot(int, str)
    def rename_layer(self, number: int, name: str) -> None:
        """Give a layer another name."""
        old = self.design.layers[number].name
        try:
            made = rename_layer(self.design, number, name)
        except DesignError as error:
            self.refused.emit(f"{old}: {error}")
            return
        if self.edit(made, f"rename {old}"):
            self.layerTouched.emit(number, "rename")

    @Slot(str, object)
    def set_input(self, field: str, value: object) -> None:
        """Set channels, height or width of the images, or the number of classes."""
        path = ("classes",) if field == "classes" else ("input", field)
        self.set_field(path, value, f"{field} of the input")

    @Slot(object, object)
    def set_at(self, path: tuple[str | int, ...], value: object) -> None:
        """Set the field at a path, of a layer or of the training."""
        match path:
            case ("layers", int(number), str(field)):
                self.set_layer_field(number, field, value)
            case _:
                self.set_setting(tuple(map(str, path)), value)

    @Slot(object, object)
    def set_setting(self, path: tuple[str, ...], value: object) -> None:
        """Set a field of the training."""
        self.set_field(path, value, path[-1].replace("_", " "))

    @Slot(str, object)
    def choose_kind(self, name: str, kind: type) -> None:
        """Choose another optimiser or schedule; fields that both have keep their values."""
        old = getattr(self.design.training, name)
        self.set_field(("training", name), with_kind(old, kind), f"{name} {title_of(kind)}")
        self._document.end_gesture()

    @Slot(object)
    def repair(self, repair: Repair) -> None:
        """Apply a repair."""
        self.edit(repair.design, small(repair.label))

    @Slot()
    def throw_dice(self) -> None:
        """Choose another seed at random."""
        self.set_field(("training", "seed"), self._dice.randrange(10_000), "seed")
        self._document.end_gesture()

    @Slot(object)
    def open_preset(self, name: str) -> None:
        """Open a preset; undo restores the previous design."""
        self.refused.emit("")
        self._document.replace(preset(name), f"open {name}")
        self.layerTouched.emit(0, "open")

    @Slot(str)
    def set_name(self, name: str) -> None:
        """Name the design."""
        self.set_field(("name",), name, "name of the design")

    @Slot(str)
    def set_about(self, text: str) -> None:
        """Describe what the design is for."""
        self.set_field(("about",), text, "what the design is for")
