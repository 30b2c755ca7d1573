"""The scope of the colour scales: a quiet button with a menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.plurals import capital
from convviz.present.colour import Scope
from convviz.present.step.scale import StepScales

TIPS = {
    Scope.PICTURE: "Each picture's own largest number: most contrast, but pictures can't be compared",
    Scope.LAYER: "The largest number that the array has for this image, so that filters and channels can be compared",
    Scope.NETWORK: "The largest number of all arrays of a kind, so that layers and images can be compared",
}
LOCK = "Locked over time"
LOCK_TIP = "Other images, minibatches and weights get the same scale, to compare them; it only grows, in round steps"


class ScaleChoice(Button):
    """Shows the scope of the colour scales, and lets the user choose another.

    Attributes
    ----------
    chosen : Signal()
        Another scope was chosen: see :attr:`scales`.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, kind="quiet", small=True)
        self.scales = StepScales()
        self._narrow = False
        self.scopes = QMenu(self)
        self.scopes.setToolTipsVisible(True)
        group = QActionGroup(self)
        self._actions: dict[Scope, QAction] = {}
        for scope in Scope:
            action = self.scopes.addAction(capital(scope.words))
            action.setCheckable(True)
            action.setToolTip(TIPS[scope])
            action.triggered.connect(partial(self.choose, scope))
            group.addAction(action)
            self._actions[scope] = action
        self.scopes.addSeparator()
        self._lock = self.scopes.addAction(LOCK)
        self._lock.setCheckable(True)
        self._lock.setToolTip(LOCK_TIP)
        self._lock.triggered.connect(self.toggle_lock)
        self.clicked.connect(self.open_menu)
        self._show()

    def open_menu(self) -> None:
        """Open the menu."""
        self.scopes.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def choose(self, scope: Scope, _checked: bool = False) -> None:
        """Choose another scope."""
        self.scales.choose(scope)
        self._show()
        self.chosen.emit()

    def next_scope(self) -> None:
        """Go on to the next scope."""
        scopes = list(Scope)
        self.choose(scopes[(scopes.index(self.scales.scope) + 1) % len(scopes)])

    def toggle_lock(self) -> None:
        """Lock the scales over time, or unlock them."""
        self.scales.lock(not self.scales.locked)
        self._show()
        self.chosen.emit()

    def set_narrow(self, narrow: bool) -> None:
        """Use fewer words."""
        self._narrow = narrow
        self._show()

    def _show(self) -> None:
        scales = self.scales
        self._actions[scales.scope].setChecked(True)
        self._lock.setChecked(scales.locked)
        self.setText("" if self._narrow else "Scale")
        self.set_icon("pin" if scales.locked else "scale")
        self.setAccessibleName(scales.words)
        self.setToolTip(f"Colour {scales.words}\nClick to choose (S goes on to the next, Shift+S locks)")
        self.updateGeometry()
