"""The Step workspace: listing, panes, equation and inspector around one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Index
from convviz.gui.theme import Theme
from convviz.gui.widgets.turns import Turns, paint_apart, paint_later
from convviz.gui.workspaces.step.arrival import LeftPass, arrive, left_by
from convviz.gui.workspaces.step.asking import Asking
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.editing import Editing
from convviz.gui.workspaces.step.key_moves import KeyMoves
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.player import Player
from convviz.gui.workspaces.step.pointer import Pointer
from convviz.gui.workspaces.step.screen import Screen
from convviz.gui.workspaces.step.settling import Settling
from convviz.gui.workspaces.step.shortcuts import make_shortcuts, step_keys
from convviz.present.step.facts import status
from convviz.present.step.pane import Scene
from convviz.present.step.pass_words import changes_of_yours, images_of, weights_of
from convviz.present.step.source import sources_read
from convviz.present.step.terms import Part
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.stepping import Pass


class StepPage(QWidget):
    """A debugger for one forward, loss, backward and update pass.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    statusChanged : Signal(str)
        One line that names exactly what is shown.
    kindPicked : Signal()
        The user chose which pass is stepped.
    editedPicked : Signal(bool)
        Whether the user wants to step the edited design that waits while another network is trained.
    refused : Signal(str)
        Why a key had no effect, or which cell “Go to…” picked.
    runStepAsked : Signal(int)
        Step the minibatch that led to this step of the run.
    liveAsked : Signal()
        Step the last minibatch again.
    pinAsked : Signal(str)
        The expression to record throughout the run.
    """

    statusChanged = Signal(str)
    kindPicked = Signal()
    editedPicked = Signal(bool)
    refused = Signal(str)
    runStepAsked = Signal(int)
    liveAsked = Signal()
    pinAsked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._offer: Offer | None = None
        self._choice = self._begun = PassChoice()  # the latest choice, and that of the pass on display
        self._source: PassSource | None = None
        self._is_stale = False
        """Whether a pass has been chosen but not made yet."""
        self._debugger: Debugger | None = None
        self._left: LeftPass | None = None
        """The pass to return to from Probe's."""
        self._screen: Screen | None = None
        self._views: Views | None = None
        self._in_front, self._status = False, ""
        self._making = Turns(self)
        self._reading = Turns(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Step")
        self.moves = KeyMoves(self)
        make_shortcuts(self, step_keys(self))
        theme.changed.connect(self.update)

    # --- what is stepped -------------------------------------------------------------------------------------------

    def set_offer(self, offer: Offer, choice: PassChoice | None = None) -> None:
        """Set what can be stepped and step the chosen pass; if its network is the same, the cursor stays where it is.

        Parameters
        ----------
        offer : Offer
        choice : PassChoice, optional
            The pass to step; by default the same choice as before.
        """
        self._offer = offer
        self._step_over(choice or self._choice)

    def say_past(self, words: str) -> None:
        """Say how well the past minibatch was replayed."""
        if self._offer is not None and words != self._offer.past_words:
            self._offer = replace(self._offer, past_words=words)
            self.refresh()

    def choose_kind(self, kind: PassKind) -> None:
        """Step another kind of pass: a minibatch, one image, several chosen images, or Probe's."""
        if kind is not self._choice.kind:
            left = self._left
            before = self._choice if left is None or left.choice.kind is not kind else left.choice
            self._step_over(replace(before, kind=kind))

    def choose_image(self, image: int) -> None:
        """Show another image: the one in this row or, in a pass of several images, the one at this place."""
        debugger = self._debugger
        if self._offer is None or self.choice.kind is PassKind.ONE or debugger is None or self._source is None:
            self._step_over(replace(self._choice, image=image))
        else:
            debugger.choose("sample", min(image, len(self._source.rows) - 1))
            self.refresh()

    def choose_rows(self, rows: tuple[int, ...]) -> None:
        """Step the chosen images, all in one pass."""
        self._step_over(replace(self._choice, kind=PassKind.CHOSEN, rows=rows))

    def choose_testing(self, as_testing: bool) -> None:
        """Choose whether layers behave as in testing; in a minibatch of the training they never do."""
        self._step_over(replace(self._choice, as_testing=as_testing))

    @property
    def choice(self) -> PassChoice:
        """The choice of the pass, corrected to what the offer has."""
        return self._choice if self._offer is None else self._offer.fitted(self._choice)

    @property
    def source(self) -> PassSource | None:
        """The source of the pass."""
        return self._source

    # --- being in front --------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Come to the front: catch up with what has changed, and continue an interrupted run to a step."""
        if self._in_front:
            return
        self._in_front = True
        self.views.fit(self.width())
        if self._is_stale:
            self._begin()
        else:
            self.refresh()
        self.player.resume()

    def leave(self) -> None:
        """Leave the front: stop computing."""
        self._in_front = False
        if self._views is not None:
            self.player.pause()
            self._settling.stop()
            self.pointer.stop()

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def debugger(self) -> Debugger | None:
        """The pass and its cursor; None until the workspace has been in front with a pass."""
        return self._debugger

    @property
    def run(self) -> Pass | None:
        """The pass; None until there is one."""
        return None if self._debugger is None else self._debugger.run

    @property
    def scene(self) -> Scene | None:
        """The panes on display; None until there is a pass."""
        return None if self._screen is None else self._screen.scene

    @property
    def status(self) -> str:
        """The latest text of :attr:`statusChanged`."""
        return self._status

    @property
    def is_built(self) -> bool:
        """Whether the widgets have been made: by :meth:`prepare`, or when first needed."""
        return self._views is not None

    def prepare(self) -> None:
        """Make the widgets while the window is idle, so that they exist when the page is shown."""
        if self._views is None and not self._making.is_going:
            self._making.start(self._made())

    @property
    def views(self) -> Views:
        """The widgets, made on first use."""
        if self._views is None:
            self.prepare()
            self._making.finish()
        assert self._views is not None
        return self._views

    def is_idle(self) -> bool:
        """Whether nothing is being computed, typeset or played."""
        if self._views is None:
            return True
        settled = not (self._settling.isActive() or self._views.formula.is_pending() or self.player.busy)
        return settled and not (self.editing.checker.is_busy or self._views.source.checker.is_busy)

    def refresh(self) -> None:
        """Show the place and its numbers again."""
        if not self._in_front or self._screen is None or self._offer is None:
            return
        paint_apart(self)
        self._screen.show(self._offer)
        self._show_status()

    # --- moving ----------------------------------------------------------------------------------------------------

    def command(self, word: str) -> None:
        """Obey a word: ``start``, ``back``, ``back_over``, ``into``, ``over``, ``out``, ``end`` or ``play``."""
        debugger = self._debugger
        if self.moves.is_refused(word) or debugger is None:
            return
        if word == "play":
            self.player.toggle()
        elif word == "end":
            self.step_to(debugger.run.last)
        else:
            self.player.move(word)

    def step_to(self, step: int) -> None:
        """Run to a step and show it; the window stays responsive meanwhile."""
        if self._views is not None:
            self.player.run_to(step)

    def scrub(self, done: int) -> None:
        """Go to where this number of the micro-steps of the shown map, row or image are done."""
        if self._debugger is not None:
            self.player.stop_playing()
            self._debugger.scrub(done)
            self.show_move()

    def pick_cell(self, name: str, index: Index) -> None:
        """Pin a cell, jumping to the step that made it if the current one doesn't show it."""
        if self._debugger is not None and self._debugger.has(name, tuple(index)):
            self.player.stop_playing()
            self._debugger.select(name, tuple(index))
            self.editing.clear()
            self.refresh()

    # --- Qt --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def minimumSizeHint(self) -> QSize:
        return QSize(760, 480)

    def showEvent(self, event: QShowEvent) -> None:
        self.enter()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.leave()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._views is not None:
            self._views.fit(self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))

    # --- how -------------------------------------------------------------------------------------------------------

    def _made(self) -> Iterator[None]:
        """Make the widgets and connect them; the page has none until all are made."""
        views = Views(self, self._theme)
        yield from views.make()
        self._views = views
        self.player = Player(self)
        self.editing = Editing(self, views)
        self.asking = Asking(self, views)
        self.asking.pinAsked.connect(self.pinAsked)
        self.pointer = Pointer(self, views, self.player)
        self._settling = Settling(self)
        self._settling.settled.connect(self._settle)
        views.listing.stepPicked.connect(self.step_to)
        views.transport.asked.connect(self.command)
        views.transport.scrubbed.connect(self.scrub)
        views.transport.paceChanged.connect(self.player.set_pace)
        views.panes.cellPicked.connect(self.pick_cell)
        views.go_to.picked.connect(self.pick_cell)
        views.go_to.told.connect(self.refused)
        views.equation.partPicked.connect(self._part_picked)
        views.chooser.picked.connect(self._chosen)
        views.pass_choice.picked.connect(lambda kind: self._kind_picked(PassKind(kind)))
        views.pass_choice.rowsPicked.connect(self._rows_picked)
        views.pass_choice.testingPicked.connect(self.choose_testing)
        views.pass_choice.editedPicked.connect(self.editedPicked)
        views.pass_note.picked.connect(lambda kind: self._kind_picked(PassKind(kind)))
        views.scale.chosen.connect(self.refresh)
        views.origins.originPicked.connect(self.pick_cell)
        views.way_back.clicked.connect(self.moves.return_from_jump)
        self.pointer.moved.connect(self._show_status)
        self.player.moved.connect(self.show_move)
        self.player.changed.connect(views.transport.set_playing)
        self.player.set_pace(views.transport.pace.value())
        self.editing.begun.connect(self.player.stop_playing)
        self.editing.refused.connect(self.refused)
        self.editing.made.connect(self.refresh)
        views.run_timeline.stepAsked.connect(self.runStepAsked)
        views.run_timeline.liveAsked.connect(self.liveAsked)
        views.fit(self.width())

    def _step_over(self, choice: PassChoice) -> None:
        """Step another pass: now if the workspace is in front, otherwise when it comes to the front."""
        self._left = left_by(self._left, self._debugger, self._begun, choice)
        self._choice, self._is_stale = choice, self._offer is not None
        if self._in_front:
            self._begin()

    def _begin(self) -> None:
        """Start the chosen pass; if its network is the same, keep the step and the selection of the previous one."""
        offer, before, was = self._offer, self._debugger, self._source
        if offer is None:
            return
        self._offer, source, run = offer.made(self._choice)
        self._source, self._is_stale = source, False
        self.views.editor.close_quietly()
        debugger = self._debugger = Debugger(run)
        self._screen = Screen(self.views, debugger, source)
        self.editing.set_screen(self._screen)
        self.views.go_to.set_debugger(debugger)
        self.pointer.set_screen(self._screen)
        self.asking.set_pass(debugger, source)
        self.player.set_debugger(debugger)
        first, self._choice = self._choice.first, replace(self._choice, first=None)
        self._begun = self.choice
        self._reading.start(sources_read(run.program))
        image = self._choice.image if source.split == offer.split else None  # a row of the offered images
        step = arrive(debugger, source, before, was, image=image, first=first, left=self._left)
        self._left = self._left if source.kind is PassKind.PROBED else None
        self.views.pass_choice.offer_back(None if self._left is None else self._left.choice.kind)
        if step is not None:
            self.step_to(step)
        paint_later(self)
        self.show_move()

    def show_move(self) -> None:
        """Show the place to which the cursor has moved."""
        self.views.editor.close_quietly()
        self.editing.clear()
        self.refresh()

    def _show_status(self) -> None:
        debugger, source, offer = self._debugger, self._source, self._offer
        if debugger is None or source is None or offer is None:
            return
        cell, scale = debugger.cell(), self.views.scale.scales.words
        images = images_of(source, debugger.selection.sample)
        weights = offer.where if offer.is_edited else weights_of(source, offer.where)
        weights += f" · {changes_of_yours(len(debugger.run.edits))}" if debugger.run.edits else ""
        if (text := status(cell.name, cell.index, images, weights, scale)) != self._status:
            self._status = text
            self.statusChanged.emit(text)
        self._settling.moved()

    def _settle(self) -> None:
        if self._screen is not None:
            self._screen.settle()

    def _part_picked(self, part: Part) -> None:
        self.pick_cell(part.name, part.index)

    def _kind_picked(self, kind: PassKind) -> None:
        self.choose_kind(kind)
        self.kindPicked.emit()

    def _rows_picked(self, rows: tuple[int, ...]) -> None:
        self.choose_rows(rows)
        self.kindPicked.emit()

    def _chosen(self, axis: str, value: int) -> None:
        if self._debugger is None:
            return
        self.player.stop_playing()
        if axis == "sample":
            self.choose_image(value)
        else:
            self._debugger.choose(axis, value)
            self.refresh()
