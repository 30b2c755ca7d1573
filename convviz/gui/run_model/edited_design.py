"""The design being edited, the data it is meant for, and whether it can be trained."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from convviz.core.design import Design
from convviz.gui.run_model.design_document import DesignDocument
from convviz.present.design.data_facts import DataFacts
from convviz.storage.presets import preset

FIRST = "course-7x7"
"""The preset that a new window shows."""


class EditedDesign(QObject):
    """The design that the user edits, in any workspace.

    Attributes
    ----------
    document : DesignDocument
        Holds the design; every edit goes through it and can be undone.
    data : DataFacts or None
        The data that the design is for, if known.
    changed : Signal()
        The design or its data have changed.
    dataChanged : Signal()
        The data have changed.
    """

    changed = Signal()
    dataChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = DesignDocument(preset(FIRST), self)
        self.data: DataFacts | None = None
        self.document.changed.connect(self._changed)

    @property
    def design(self) -> Design:
        """The current design."""
        return self.document.design

    @property
    def is_possible(self) -> bool:
        """Whether the design can be trained on suitable data."""
        return self.document.costs.valid

    @property
    def is_trainable(self) -> bool:
        """Whether the design can be trained, on its data if they are known."""
        return self.is_possible and (self.data is None or self.data.trouble(self.design) is None)

    @property
    def fault(self) -> str:
        """Why the design can't be trained; empty if it can."""
        if not self.design.layers:
            return "It has no layers"
        error = self.document.costs.error
        if error is not None:
            return str(error)
        trouble = None if self.data is None else self.data.trouble(self.design)
        return "" if trouble is None else trouble.sentence

    def set_data(self, data: DataFacts) -> None:
        """Set the data that the design is for."""
        is_other = not data.equals(self.data)
        self.data = data
        if is_other:  # every network that is made comes with its data, mostly those of the one before
            self.dataChanged.emit()
        self.changed.emit()

    def _changed(self, _design: Design, _before: Design) -> None:
        self.changed.emit()
