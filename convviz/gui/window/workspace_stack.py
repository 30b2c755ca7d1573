"""The window's pages: the workspaces, the one in front, and their connections to the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from convviz.gui.widgets.turns import paint_later
from convviz.gui.workspaces.registry import Entry

if TYPE_CHECKING:  # these are imported after blank pages are on the screen
    from convviz.gui.workspaces.context import WorkspaceContext
    from convviz.gui.workspaces.workspace import Workspace
    from convviz.training.snapshot import Snapshot


class WorkspaceStack(QStackedWidget):
    """Makes workspaces when they are needed, and keeps exactly one of them in front.

    Its pages are blank until :meth:`furnish` provides the models that workspaces need.

    Parameters
    ----------
    entries : sequence of Entry

    Attributes
    ----------
    entered : Signal(int)
        Another workspace is in front.
    statusChanged : Signal()
        The status text of the workspace in front has changed.
    faultChanged : Signal()
        The values in its fields have become valid or invalid for training.
    hinted : Signal(str)
        Why a key had no effect in the workspace in front.
    allMade : Signal()
        Every workspace has been made.
    """

    entered = Signal(int)
    statusChanged = Signal()
    faultChanged = Signal()
    hinted = Signal(str)
    allMade = Signal()

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = tuple(entries)
        self._context: WorkspaceContext | None = None
        self._made: dict[int, Workspace] = {}
        self._front: Workspace | None = None
        self._seen = True
        self._making = QTimer(self)
        self._making.setSingleShot(True)
        self._making.timeout.connect(self._make_next)
        for _ in self._entries:
            self.addWidget(QWidget())

    def furnish(self, context: WorkspaceContext) -> None:
        """Make the workspace in front; the others can be made from now on."""
        self._context = context
        context.run.bridge.snapshotArrived.connect(self._show_snapshot)
        self.go_to(self.currentIndex())

    @property
    def front(self) -> Workspace:
        """The workspace in front; it exists once :meth:`go_to` was called."""
        assert self._front is not None
        return self._front

    @property
    def made(self) -> dict[str, Workspace]:
        """The workspaces that have been made, by title."""
        return {self._entries[number].title: workspace for number, workspace in sorted(self._made.items())}

    @property
    def titles(self) -> list[str]:
        """Of all workspaces."""
        return [entry.title for entry in self._entries]

    @property
    def title(self) -> str:
        """Of the workspace in front."""
        return self._entries[self.currentIndex()].title

    def number_of(self, title: str) -> int:
        """Position of a workspace among the tabs."""
        return [entry.title for entry in self._entries].index(title)

    def go_to(self, number: int) -> None:
        """Bring a workspace to the front, or its blank page if it can't be made yet."""
        if self._context is None:
            self.setCurrentIndex(number)
            self.entered.emit(number)
            return
        workspace = self._at(number)
        if workspace is self._front:
            return
        paint_later(self)
        if self._front is not None:
            self._front.leave()
        self._front = workspace
        self._bring(workspace.page)
        self._want_pictures()
        workspace.enter()
        if workspace.wants_pictures:
            self._context.run.session.want_snapshot()
        self.entered.emit(number)

    def _bring(self, page: QWidget) -> None:
        """Put a page to the front; one that has keys of its own gets the focus, or what had it there before."""
        had = page.focusWidget()
        self.setCurrentWidget(page)
        if page.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            (had if had is not None and had.isVisible() and had.isEnabled() else page).setFocus(
                Qt.FocusReason.OtherFocusReason
            )

    def make_all(self) -> None:
        """Make all missing workspaces, one after the other, when idle."""
        self._making.start(0)

    def prepare(self) -> None:
        """Let the workspaces make in idle turns what will be needed later."""
        for workspace in self._made.values():
            workspace.prepare()

    def set_seen(self, seen: bool) -> None:
        """Say whether the window is on the screen: no pictures are made for one that is minimised."""
        self._seen = seen
        self._want_pictures()

    def every(self) -> dict[str, Workspace]:
        """All workspaces, by title; those that are not there yet are made now."""
        return {entry.title: self._at(number) for number, entry in enumerate(self._entries)}

    def foot(self) -> QWidget | None:
        """The widget at the foot of the workspace in front."""
        return None if self._front is None else self._front.foot()

    def may_close(self) -> bool:
        """Whether every workspace allows the window to close; they are asked until one refuses."""
        return all(workspace.may_close() for workspace in self._made.values())

    def close_all(self) -> None:
        """Tell all workspaces that the window closes."""
        self._making.stop()
        for workspace in self._made.values():
            workspace.close()

    def _at(self, number: int) -> Workspace:
        if number in self._made:
            return self._made[number]
        assert self._context is not None
        workspace = self._made[number] = self._entries[number].make(self._context)
        workspace.statusChanged.connect(self._status_changed)
        workspace.faultChanged.connect(self._fault_changed)
        workspace.trainingViewAsked.connect(self.go_where_training_is_seen)
        workspace.passAsked.connect(self.go_where_passes_are_stepped)
        workspace.workspaceAsked.connect(self._go_to_title)
        workspace.hinted.connect(self.hinted)
        blank = self.widget(number)
        self.insertWidget(number, workspace.page)
        if blank is not None:
            self.removeWidget(blank)
            blank.deleteLater()
        return workspace

    def _make_next(self) -> None:
        missing = [number for number in range(len(self._entries)) if number not in self._made]
        if missing:
            self._at(missing[0])
            self._making.start(0)
        else:
            self.allMade.emit()

    def go_where_designs_are_edited(self) -> None:
        """Bring the workspace that shows the edited design to the front."""
        self._go_where(lambda workspace: workspace.edits_designs)

    def go_where_passes_are_stepped(self) -> None:
        """Bring the workspace that steps through a pass to the front."""
        self._go_where(lambda workspace: workspace.steps_passes)

    def go_where_training_is_seen(self) -> None:
        """Bring the workspace that shows the run to the front."""
        self._go_where(lambda workspace: workspace.wants_pictures)

    def _go_where(self, is_it: Callable[[Workspace], bool]) -> None:
        for number in range(len(self._entries)):
            if is_it(self._at(number)):
                self.go_to(number)
                return

    def _go_to_title(self, title: str) -> None:
        """Go to another workspace to look at the watched image there."""
        self.go_to(self.number_of(title))
        if self._front is not None:
            self._front.look_at_image()

    def _want_pictures(self) -> None:
        if self._context is None:
            return
        wants = self._front is not None and self._front.wants_pictures
        self._context.run.bridge.set_wanting(wants, seen=self._seen)

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        if self._front is not None and self._front.wants_pictures:
            self._front.show_snapshot(snapshot)

    def _status_changed(self) -> None:
        if self.sender() is self._front:
            self.statusChanged.emit()

    def _fault_changed(self) -> None:
        if self.sender() is self._front:
            self.faultChanged.emit()
