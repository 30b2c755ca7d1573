"""The design being edited: one frozen value, the edits that led to it, and the file it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.present.design.costs import Costs, costs
from convviz.storage.designs import MAX_LAYERS


@dataclass(slots=True)
class DesignOrigin:
    """Where a design came from (a file, a preset, nothing), and its original contents."""

    saved: Design
    path: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DocumentState:
    """The design and its origin at one moment of the document."""

    design: Design
    origin: DesignOrigin


class DesignDocument(QObject):
    """The current design; every change goes through :meth:`edit` and can be undone.

    Attributes
    ----------
    undo_stack : QUndoStack
        The edits; each is named in words: "Undo kernel of conv1".
    changed : Signal(object, object)
        The new and the previous design.
    originChanged : Signal()
        The file, or whether the design differs from it, has changed.
    replaced : Signal(object)
        Another design has replaced this one; carries the previous design if it had unsaved changes, otherwise None.
    """

    changed = Signal(object, object)
    originChanged = Signal()
    replaced = Signal(object)

    def __init__(self, design: Design | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        start = (design or Design()).named()
        self._state = DocumentState(start, DesignOrigin(start))
        self._gesture = 0
        self._reported: tuple[Path | None, bool] | None = None
        self.undo_stack = QUndoStack(self)

    @property
    def design(self) -> Design:
        """The current design."""
        return self._state.design

    @property
    def costs(self) -> Costs:
        """The costs of the current design, and the reason if it can't be trained."""
        return costs(self.design)

    @property
    def path(self) -> Path | None:
        """The file that the design was opened from or saved to; None without one."""
        return self._state.origin.path

    @property
    def is_modified(self) -> bool:
        """Whether the design differs from the file, preset or new design that it came from."""
        return self.design != self._state.origin.saved

    def edit(self, design: Design, text: str, merge: str = "") -> bool:
        """Replace the current design.

        Parameters
        ----------
        design : Design
        text : str
            What was changed, for the undo menu: ``kernel of conv1``.
        merge : str
            Consecutive edits with the same word become one undo step: the movement of a slider, the digits of a number.
            :meth:`end_gesture` ends such a series.

        Returns
        -------
        bool
            False if ``design`` is already the current design.

        Raises
        ------
        DesignError
            The new design has more layers than a design may have.
        """
        if design == self.design:
            return False
        if len(design.layers) > MAX_LAYERS:
            raise DesignError(f"{design.name}: expected at most {MAX_LAYERS} layers, got {len(design.layers)}")
        key = (merge, self._gesture) if merge else None
        self.undo_stack.push(_Edit(self, self._state, DocumentState(design, self._state.origin), text, key))
        return True

    def end_gesture(self) -> None:
        """End a series of merged edits: the next edit is a separate undo step."""
        self._gesture += 1

    def replace(self, design: Design, text: str, path: Path | None = None, *, told: bool = True) -> None:
        """Open another design in place of this one (a preset, a file, pasted text); undo brings this one back.

        Before opening a file the user is asked about changes; in other cases :attr:`replaced` reports the design that
        had them. Without ``told``, nothing is reported.
        """
        new, before, lost = design.named(), self.design, self.is_modified and path is None
        self.undo_stack.push(_Edit(self, self._state, DocumentState(new, DesignOrigin(new, path)), text, None))
        if told:
            self.replaced.emit(before if lost else None)

    def reset(self, design: Design, path: Path | None = None) -> None:
        """Start with another design and an empty undo history."""
        new = design.named()
        self.undo_stack.clear()
        self.enter(DocumentState(new, DesignOrigin(new, path)))

    def mark_saved(self, path: Path) -> None:
        """Note that the current design has been saved to the file."""
        self._state.origin.saved = self.design
        self._state.origin.path = path
        self.end_gesture()
        self._report_origin()

    def enter(self, state: DocumentState) -> None:
        """Make a state current; undo steps call this when they are done, undone and redone."""
        before, self._state = self._state, state
        if before.design != state.design:
            self.changed.emit(state.design, before.design)
        self._report_origin()

    def _report_origin(self) -> None:
        now = (self.path, self.is_modified)
        if now != self._reported:
            self._reported = now
            self.originChanged.emit()


class _Edit(QUndoCommand):
    """An undo step from one state to another."""

    def __init__(
        self, document: DesignDocument, old: DocumentState, new: DocumentState, text: str, key: tuple[str, int] | None
    ) -> None:
        super().__init__(text)
        self._document = document
        self._old, self.new = old, new
        self.key = key

    def id(self) -> int:
        return -1 if self.key is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit) or other.key != self.key:
            return False
        self.new = other.new
        # If the end equals the start, there is nothing to undo.
        self.setObsolete(self.new.design == self._old.design)
        return True

    def redo(self) -> None:
        self._document.enter(self.new)

    def undo(self) -> None:
        self._document.enter(self._old)
