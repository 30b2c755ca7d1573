"""Questions to the console about the pass that is being stepped, and pinning its numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.present.step.values import label
from convviz.run.asking import PassAsked
from convviz.training.pass_source import PassSource


class Asking(QObject):
    """Evaluates the console's expressions on the arrays that the pass has at its cursor.

    Parameters
    ----------
    page : QWidget
        The owner.
    views : Views
        The widgets of Step, the console among them.

    Attributes
    ----------
    pinAsked : Signal(str)
        The expression to pin.
    """

    pinAsked = Signal(str)

    def __init__(self, page: QWidget, views: Any) -> None:
        super().__init__(page)
        self._page, self._views = page, views
        self._debugger: Debugger | None = None
        self._asked: PassAsked | None = None
        self._work = Background("convviz-asking", self)
        self._work.done.connect(lambda found: views.console.show_answer(found))
        views.console.asked.connect(self.ask)
        views.console.pinAsked.connect(self.pinAsked)

    def set_pass(self, debugger: Debugger, source: PassSource) -> None:
        """Answer questions about another pass from now on."""
        self._work.cancel()
        self._debugger, self._asked = debugger, PassAsked(debugger.run, source, only_made=True)
        self._views.console.field.set_names(self._asked.names)
        self._views.console.show_answer("")

    def ask(self, text: str) -> None:
        """Evaluate an expression; large arrays are evaluated in another thread."""
        if self._asked is None:
            return
        try:
            asked = self._asked.ask(text)
        except ConvvizError as error:
            self._views.console.show_answer(str(error), is_fault=True)
            return

        def work(_: Cancelled) -> str:
            return asked.answer()

        self._work.start(work)

    def offer_pins(self) -> None:
        """Offer to pin the explained cell, or the norm, the mean or the share of zeros of its array."""
        if self._debugger is None:
            return
        cell, menu = self._debugger.cell(), QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        places = ", ".join(map(str, cell.index))
        exact = f"{cell.name}[{places}]" if cell.index else cell.name
        about = f"Pin {label(cell.name, cell.index)}, over the whole run"
        for words, text in (
            (about, exact),
            (f"Pin the norm of {cell.name}", f"norm({cell.name})"),
            (f"Pin the mean of {cell.name}", f"mean({cell.name})"),
            (f"Pin the share of zeros in {cell.name}", f"share({cell.name} == 0)"),
        ):
            menu.addAction(words).triggered.connect(partial(self._pin, text))
        at: QWidget = self._views.cell_title
        menu.popup(at.mapToGlobal(QPoint(0, at.height())))

    def _pin(self, text: str, _checked: bool = False) -> None:
        self.pinAsked.emit(text)
