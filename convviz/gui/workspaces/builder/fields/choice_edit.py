"""Editors of values that are chosen rather than typed: a word, yes or no, an initialisation."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.init import Init, InitKind
from convviz.gui.theme import current_theme
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.design.fields import FieldSpec, choice_word, fields_of

WIDE = 138
"""Width of a drop-down in a column of fields, in pixels."""
_SCALED = ("normal", "truncated-normal", "constant")


class ChoiceEdit(Combo):
    """One of the words of a field.

    Attributes
    ----------
    finished : Signal()
        Never emitted, because a choice is a single edit.
    left : Signal()
        Esc was pressed.
    """

    KEYS = FocusKeys(
        "a field",
        {
            "Take it back, or leave the field": ("Esc",),
        },
    )

    finished = Signal()
    left = Signal()
    problemChanged = Signal(str)

    def __init__(self, spec: FieldSpec, value: Any, *, name: str = "", small: bool = True) -> None:
        pairs: list[tuple[str, object] | str] = [(choice_word(one), one) for one in spec.choices]
        if spec.optional:
            pairs.insert(0, (spec.none_word, None))
        super().__init__(pairs, name=name or spec.label, tip=spec.tip)
        self.spec = spec
        if small:
            make_small(self)
        else:
            self.setFixedWidth(WIDE)
        self.set_value(value)

    def set_reach(self, low: float | None, high: float | None) -> None:
        """Do nothing: a choice has no range."""

    def stops(self) -> list[QWidget]:
        """The widgets in it that Tab reaches."""
        return [self]

    def set_fault(self, sentence: str) -> None:
        """Mark the choice as the thing at fault."""
        self.setAccessibleDescription(sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class SwitchEdit(QCheckBox):
    """Yes or no."""

    KEYS = FocusKeys(
        "a field",
        {
            "Take it back, or leave the field": ("Esc",),
        },
    )

    edited = Signal(object)
    finished = Signal()
    left = Signal()
    problemChanged = Signal(str)

    def __init__(self, spec: FieldSpec, value: bool, *, name: str = "") -> None:
        super().__init__()
        self.spec = spec
        self.setAccessibleName(name or spec.label)
        self.setToolTip(spec.tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("SwitchEdit { spacing: 0; }")  # no text follows the box
        self.setChecked(bool(value))
        self.clicked.connect(self._switched)

    @Slot(bool)
    def _switched(self, checked: bool) -> None:
        self.edited.emit(checked)

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Show another value, without a signal."""
        self.setChecked(bool(value))

    def set_reach(self, low: float | None, high: float | None) -> None:
        """Do nothing: a choice has no range."""

    def stops(self) -> list[QWidget]:
        """The widgets in it that Tab reaches."""
        return [self]

    def set_fault(self, sentence: str) -> None:
        """Mark the value as the thing at fault."""
        self.setAccessibleDescription(sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class InitEdit(QWidget):
    """The initialisation of weights: a rule, and its scale if it has one.

    Attributes
    ----------
    edited : Signal(object)
        The new :class:`Init`, or None for the design's.
    """

    edited = Signal(object)
    finished = Signal()
    left = Signal()
    problemChanged = Signal(str)

    def __init__(self, spec: FieldSpec, value: Init | None, *, name: str = "", small: bool = True) -> None:
        super().__init__()
        self.spec = spec
        self._value = value
        kinds, scale = {one.name: one for one in fields_of(Init)}, {one.name: one for one in fields_of(Init)}["scale"]
        pairs: list[tuple[str, object] | str] = [(choice_word(one), one) for one in kinds["kind"].choices]
        if spec.optional:
            pairs.insert(0, (spec.none_word, None))
        self.kind = Combo(pairs, name=name or spec.label, tip=spec.tip)
        if small:
            make_small(self.kind)
        else:
            self.kind.setFixedWidth(WIDE)
        self.scale = ValueEdit(scale, scale.default, name=f"{name or spec.label}, scale", width=0 if small else 46)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # In a panel, rule and scale side by side would be too wide.
        self._row = row = QHBoxLayout(self) if small else QVBoxLayout(self)
        self._stops: list[QWidget] = [self.scale, self.kind] if small else [self.kind, self.scale]
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for one in self._stops:
            row.addWidget(one, 0, Qt.AlignmentFlag.AlignRight)
        self.kind.edited.connect(self._kind_chosen)
        self.scale.edited.connect(self._scale_edited)
        self.scale.finished.connect(self.finished)
        self.scale.left.connect(self.left)
        self.scale.problemChanged.connect(self.problemChanged)
        self.set_value(value)

    @property
    def value(self) -> Init | None:
        """The rule."""
        return self._value

    @property
    def problem(self) -> str:
        """What is wrong with the scale."""
        return self.scale.problem

    def set_value(self, value: Init | None) -> None:
        """Show another rule, without a signal."""
        self._value = value
        self.kind.set_value(None if value is None else value.kind)
        if value is not None:
            self.scale.set_value(value.scale)
        self.scale.setVisible(value is not None and value.kind in _SCALED)
        self.updateGeometry()

    def set_reach(self, low: float | None, high: float | None) -> None:
        """Do nothing: a choice has no range."""

    def stops(self) -> list[QWidget]:
        """The widgets in it that Tab reaches."""
        return list(self._stops)

    def set_fault(self, sentence: str) -> None:
        """Mark the rule as the thing at fault."""
        self.setAccessibleDescription(sentence)

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    @Slot(object)
    def _kind_chosen(self, kind: InitKind | None) -> None:
        scale = self._value.scale if self._value is not None else Init().scale
        # Rules without a scale don't store one, so that equal choices are equal values.
        new = None if kind is None else Init(kind=kind, scale=scale) if kind in _SCALED else Init(kind=kind)
        self.set_value(new)
        self.edited.emit(new)

    @Slot(object)
    def _scale_edited(self, scale: float) -> None:
        assert self._value is not None
        self._value = Init(kind=self._value.kind, scale=scale)
        self.edited.emit(self._value)


def make_small(combo: Combo) -> None:
    """Fit a drop-down into a line of chips."""
    combo.setFont(current_theme().font(12))
    combo.setStyleSheet("QComboBox { min-height: 20px; padding: 0 18px 0 6px; } QComboBox::drop-down { width: 16px; }")
