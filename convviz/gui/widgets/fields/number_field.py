"""Fields for numbers that say what is wrong with what was typed."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.demo import run_demo
from convviz.gui.widgets.labels import Caption


class NumberField(QWidget):
    """A field for one number: checks what is typed, and names the trouble below the field.

    Enter or leaving the field commits; Esc takes back what was typed; Up and Down step. An invalid text stays where it
    is, in red, until it is mended or taken back; :attr:`value` is the last valid number all the while.

    Use :class:`IntField` or :class:`FloatField`.

    Parameters
    ----------
    value
        The first value.
    low, high
        The range; ``None`` is open.
    low_open : bool
        Whether ``low`` itself is outside the range.
    unit : str
        Stands behind the field.
    name : str
        What the number is, for messages and screen readers: ``learning rate``.

    Attributes
    ----------
    edited : Signal(object)
        The user committed another valid number (int or float). :meth:`set_value` doesn't emit it.
    validityChanged : Signal(bool)
        What stands in the field became valid or invalid.
    """

    edited = Signal(object)
    validityChanged = Signal(bool)

    def __init__(
        self,
        value: float = 0,
        parent: QWidget | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
        low_open: bool = False,
        unit: str = "",
        name: str = "value",
        width: int = 76,
        tip: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._value = value
        self._low, self._high, self._low_open = low, high, low_open
        self._name = name
        self._problem = self._outside_problem = ""
        self.line = QLineEdit(self._write(value))
        self.line.setProperty("mono", True)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.line.setFixedWidth(width)
        self.line.setAccessibleName(f"{name}, {unit}" if unit else name)
        self.line.setToolTip(tip)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._commit)
        self.line.installEventFilter(self)
        self._message = Caption(wrap=True, token="danger")
        self._message.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._message.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addStretch()
        row.addWidget(self.line)
        if unit:
            row.addWidget(Caption(unit))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(3)
        outer.addLayout(row)
        outer.addWidget(self._message)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.line)

    @property
    def value(self):
        """The last valid number."""
        return self._value

    @property
    def is_valid(self) -> bool:
        """Whether what stands in the field is valid."""
        return not self._problem

    @property
    def problem(self) -> str:
        """What is wrong, in one sentence; empty if nothing is."""
        return self._problem

    def set_value(self, value: float) -> None:
        """Show another number, without a signal; does nothing while an equal one is shown."""
        if value == self._value and self.is_valid:
            return
        self._value = value
        self.line.setText(self._write(value))
        self._say("")

    def set_problem(self, sentence: str) -> None:
        """Mark the number as wrong for a reason the field can't know; an empty sentence takes it back."""
        self._outside_problem = sentence
        self._say(self._check(self.line.text())[1])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.line.text() != self._write(self._value):
                self.take_back()
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._step(1 if event.key() == Qt.Key.Key_Up else -1)
                return True
        return super().eventFilter(watched, event)

    def take_back(self) -> None:
        """Show the last valid number again."""
        self.line.setText(self._write(self._value))
        self._say("")

    def _read(self, text: str) -> float:
        raise NotImplementedError

    def _write(self, value: float) -> str:
        raise NotImplementedError

    def _next(self, value: float, way: int) -> float:
        raise NotImplementedError

    def _what(self) -> str:
        raise NotImplementedError

    def _check(self, text: str) -> tuple[float | None, str]:
        """Return the number and an empty sentence, or ``None`` and what is wrong."""
        shown = text.strip()
        if not shown:
            return None, f"{self._name}: expected {self._wanted()}, got nothing"
        try:
            value = self._read(shown.replace("−", "-").replace(" ", ""))
        except ValueError:
            return None, f"{self._name}: expected {self._wanted()}, got “{shown}”"
        too_low = self._low is not None and (value <= self._low if self._low_open else value < self._low)
        if too_low or (self._high is not None and value > self._high):
            return None, f"{self._name}: expected {self._wanted()}, got {shown}"
        return value, ""

    def _wanted(self) -> str:
        low = None if self._low is None else self._write(self._low)
        high = None if self._high is None else self._write(self._high)
        what = self._what()
        if low is not None and high is not None:
            return f"{what} above {low} and up to {high}" if self._low_open else f"{what} from {low} to {high}"
        if low is not None:
            return f"{what} above {low}" if self._low_open else f"{what} of {low} or more"
        return f"{what} of {high} or less" if high is not None else what

    def _typed(self, text: str) -> None:
        self._outside_problem = ""
        self._say(self._check(text)[1])

    def _commit(self) -> None:
        value, problem = self._check(self.line.text())
        self._say(problem)
        if value is None:
            return
        self.line.setText(self._write(value))
        if value != self._value:
            self._value = value
            self.edited.emit(value)

    def _step(self, way: int) -> None:
        value, _ = self._check(self.line.text())
        new = self._next(self._value if value is None else value, way)
        if self._check(self._write(new))[0] is not None:
            self.line.setText(self._write(new))
            self._commit()

    def _say(self, sentence: str) -> None:
        sentence = sentence or self._outside_problem
        was_valid = self.is_valid
        self._problem = sentence
        self._message.setText(sentence[:1].upper() + sentence[1:])
        self._message.setVisible(bool(sentence))
        self.line.setAccessibleDescription(sentence)
        if bool(sentence) != (self.line.property("invalid") is True):
            self.line.setProperty("invalid", bool(sentence))
            self.line.style().unpolish(self.line)
            self.line.style().polish(self.line)
        if was_valid != self.is_valid:
            self.validityChanged.emit(self.is_valid)


GROUPED = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)")
"""A whole number, plain or with commas between thousands."""


class IntField(NumberField):
    """A field for a whole number; accepts ``60,000`` and ``60 000``."""

    def _read(self, text: str) -> int:
        if not GROUPED.fullmatch(text):
            raise ValueError("no whole number")  # 1,5 is no 15
        return int(text.replace(",", ""))

    def _write(self, value: float) -> str:
        return f"{int(value):,}"

    def _next(self, value: float, way: int) -> int:
        return int(value) + way

    def _what(self) -> str:
        return "a whole number"


class FloatField(NumberField):
    """A field for a number; accepts ``0.001`` and ``1e-3``. Up and Down go along 1, 2, 5, 10 …"""

    def _read(self, text: str) -> float:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        if not math.isfinite(value):
            raise ValueError("not finite")
        return value

    def _write(self, value: float) -> str:
        size = abs(value)
        if size and (size < 1e-4 or size >= 1e6):
            mantissa, _, power = f"{value:.6e}".partition("e")
            return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
        return f"{value:.10f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))

    def _next(self, value: float, way: int) -> float:
        if value <= 0:
            return value + way * 0.1
        power = math.floor(math.log10(value) + 1e-9)
        steps = [step * 10.0**at for at in (power - 1, power, power + 1) for step in (1, 2, 5)]
        if way > 0:
            return float(f"{min(step for step in steps if step > value * 1.0001):.6g}")
        return float(f"{max(step for step in steps if step < value * 0.9999):.6g}")

    def _what(self) -> str:
        return "a number"


def _demo() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    rate = FloatField(0.01, low=0, low_open=True, name="learning rate")
    wrong = FloatField(0.01, low=0, low_open=True, name="learning rate")
    wrong.line.setText("-3")
    wrong._typed("-3")
    off = IntField(10, name="seed")
    off.setEnabled(False)
    for one in (rate, IntField(64, low=1, high=60_000, name="batch size", unit="images"), wrong, off):
        layout.addWidget(one)
    layout.addStretch()
    return page


if __name__ == "__main__":
    run_demo(_demo, "NumberField", (300, 220))
