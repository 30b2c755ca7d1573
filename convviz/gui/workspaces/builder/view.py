"""The base class of the views of Build, which are parts at the side of the page, and what they show."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from convviz.core.design import Design
from convviz.present.design.costs import Costs
from convviz.present.design.data_facts import DataFacts
from convviz.present.run_facts import RunFacts


@dataclass(frozen=True, slots=True, eq=False)
class BuildLook:
    """What the views show.

    Parameters
    ----------
    design : Design
    costs : Costs
        The costs of the design.
    number : int
        The selected layer; -1 is the input.
    data : DataFacts, optional
        The open data.
    run : RunFacts, optional
        A run that has trained.
    """

    design: Design
    costs: Costs
    number: int
    data: DataFacts | None = None
    run: RunFacts | None = None


class BuildView(QWidget):
    """A view that shows a :class:`BuildLook` and reports edits of the design.

    Attributes
    ----------
    edited : Signal(object, object)
        The field's path in the design (``("training", "optimiser", "lr")``, ``("layers", 2, "kernel")``) and its new
        value.
    gestureEnded : Signal()
        The next edit is a separate undo step.
    """

    edited = Signal(object, object)
    gestureEnded = Signal()

    def show_look(self, look: BuildLook) -> None:
        """Show a look; called after every edit and selection, and when the data or the run has changed."""
        raise NotImplementedError
