"""The Step workspace: listing, panes, equation and inspector around one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Index
from convviz.core.errors import ConvvizError
from convviz.gui.theme import Theme
from convviz.gui.widgets.turns import Turns, paint_later
from convviz.gui.workspaces.step.arrival import LeftPass, left_by
from convviz.gui.workspaces.step.asking import Asking
from convviz.gui.workspaces.step.coming import come
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.editing import Editing
from convviz.gui.workspaces.step.front_page import FrontPage
from convviz.gui.workspaces.step.joining import finish_first, join
from convviz.gui.workspaces.step.key_moves import KeyMoves
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.player import Player
from convviz.gui.workspaces.step.pointer import Pointer
from convviz.gui.workspaces.step.screen import Screen
from convviz.gui.workspaces.step.settling import Settling
from convviz.gui.workspaces.step.shortcuts import make_shortcuts, step_keys
from convviz.present.step.pane import Scene
from convviz.present.step.source import sources_read
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.stepping import Pass


class StepPage(FrontPage):
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
    begun : Signal()
        Another pass is shown.
    failed : Signal(str)
        Why the chosen pass can't be made; the previous one is still shown.
    """

    statusChanged = Signal(str)
    kindPicked = Signal()
    editedPicked = Signal(bool)
    refused = Signal(str)
    runStepAsked = Signal(int)
    liveAsked = Signal()
    pinAsked = Signal(str)
    begun = Signal()
    failed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
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
        self._coming = Turns(self)
        """The work of making the chosen pass and showing it."""
        self._reading = Turns(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Step")
        self.moves = KeyMoves(self)
        make_shortcuts(self, step_keys(self), self.finish)

    # --- what is stepped -------------------------------------------------------------------------------------------

    def set_offer(self, offer: Offer, choice: PassChoice | None = None) -> None:
        """Set what can be stepped and step the chosen pass; if its network is the same, the cursor stays where it is.

        The pass is made in turns. Whoever asks for it, or does something, before it is shown has it shown at once.

        Parameters
        ----------
        offer : Offer
        choice : PassChoice, optional
            The pass to step; by default the same choice as before.
        """
        self._drop()
        self._offer = offer
        self._step_over(choice or self._choice)

    def say_past(self, words: str) -> None:
        """Say how well the past minibatch was replayed."""
        if self._offer is not None and words != self._offer.past_words:
            self.finish()
            self._offer = replace(self._offer, past_words=words)
            self.refresh()

    def choose_kind(self, kind: PassKind) -> None:
        """Step another kind of pass: a minibatch, one image, several chosen images, or Probe's."""
        self.finish()
        if kind is not self._choice.kind:
            left = self._left
            before = self._choice if left is None or left.choice.kind is not kind else left.choice
            self._step_over(replace(before, kind=kind))

    def choose_image(self, image: int) -> None:
        """Show another image: the one in this row or, in a pass of several images, the one at this place."""
        debugger = self.debugger
        if self._offer is None or self.choice.kind is PassKind.ONE or debugger is None or self._source is None:
            self._step_over(replace(self._choice, image=image))
        else:
            debugger.choose("sample", min(image, len(self._source.rows) - 1))
            self.refresh()

    def choose(self, axis: str, value: int) -> None:
        """Show another image, filter, channel or unit."""
        if self.debugger is not None:
            self.player.stop_playing()
            if axis == "sample":
                self.choose_image(value)
            else:
                self.debugger.choose(axis, value)
                self.refresh()

    def choose_rows(self, rows: tuple[int, ...]) -> None:
        """Step the chosen images, all in one pass."""
        self.finish()
        self._step_over(replace(self._choice, kind=PassKind.CHOSEN, rows=rows))

    def choose_testing(self, as_testing: bool) -> None:
        """Choose whether layers behave as in testing; in a minibatch of the training they never do."""
        self.finish()
        self._step_over(replace(self._choice, as_testing=as_testing))

    @property
    def choice(self) -> PassChoice:
        """The choice of the pass, corrected to what the offer has."""
        return self._choice if self._offer is None else self._offer.fitted(self._choice)

    @property
    def source(self) -> PassSource | None:
        """The source of the pass."""
        self.finish()
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
        self._drop()
        self._in_front = False
        if self._views is not None:
            self.player.pause()
            self._settling.stop()
            self.pointer.stop()

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def debugger(self) -> Debugger | None:
        """The pass and its cursor; None until the workspace has been in front with a pass."""
        self.finish()
        return self._debugger

    @property
    def is_coming(self) -> bool:
        """Whether another pass is on its way, and nothing of it is shown yet."""
        return self._coming.is_going and self._is_stale

    @property
    def is_awaiting(self) -> bool:
        """Whether there is no pass, and none is on its way."""
        return self._debugger is None and not self.is_coming

    @property
    def run(self) -> Pass | None:
        """The pass; None until there is one."""
        return None if self.debugger is None else self.debugger.run

    @property
    def scene(self) -> Scene | None:
        """The panes on display; None until there is a pass."""
        self.finish()
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
        self.finish()
        assert self._views is not None
        return self._views

    def is_idle(self) -> bool:
        """Whether nothing is being computed, typeset or played."""
        if self._views is None or self._coming.is_going:
            return not self._coming.is_going
        settled = not (self._settling.isActive() or self._views.formula.is_pending() or self.player.busy)
        return settled and not (self.editing.checker.is_busy or self._views.source.checker.is_busy)

    def refresh(self) -> None:
        """Show the place and its numbers again."""
        self.finish()
        if self._in_front and self._screen is not None and self._offer is not None:
            for _ in self._screen.show(self._offer):
                pass
            self._show_status()

    def finish(self) -> None:
        """Show the chosen pass now, if it is on its way: what the user does meanwhile comes after it."""
        self._coming.finish()

    # --- moving ----------------------------------------------------------------------------------------------------

    def command(self, word: str) -> None:
        """Obey a word: ``start``, ``back``, ``back_over``, ``into``, ``over``, ``out``, ``end`` or ``play``."""
        debugger = self.debugger
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
        if self.run is not None and step <= self.run.last:  # a listing may still show the previous pass
            self.player.run_to(step)

    def scrub(self, done: int) -> None:
        """Go to where this number of the micro-steps of the shown map, row or image are done."""
        if self.debugger is not None:
            self.player.stop_playing()
            self.debugger.scrub(done)
            self.show_move()

    def pick_cell(self, name: str, index: Index) -> None:
        """Pin a cell, jumping to the step that made it if the current one doesn't show it."""
        if self.debugger is not None and self.debugger.has(name, tuple(index)):
            self.player.stop_playing()
            self.debugger.select(name, tuple(index))
            self.editing.clear()
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._views is not None:
            self._views.fit(self.width())

    # --- how -------------------------------------------------------------------------------------------------------

    def _made(self) -> Iterator[None]:
        """Make the widgets and connect them; the page has none until all are made."""
        views = Views(self, self._theme)
        yield from views.make()
        self._views = views
        finish_first(self, views)
        self.player = Player(self)
        self.editing = Editing(self, views)
        self.asking = Asking(self, views)
        self.asking.pinAsked.connect(self.pinAsked)
        self.pointer = Pointer(self, views, self.player)
        self._settling = Settling(self)
        self._settling.settled.connect(self._settle)
        join(self, views)
        self.pointer.moved.connect(self._show_status)
        self.player.moved.connect(self.show_move)
        self.player.changed.connect(views.transport.set_playing)
        self.player.set_pace(views.transport.pace.value())
        self.editing.begun.connect(self.player.stop_playing)
        self.editing.refused.connect(self.refused)
        self.editing.made.connect(self.refresh)
        views.fit(self.width())

    def _step_over(self, choice: PassChoice) -> None:
        """Step another pass: now if the workspace is in front, otherwise when it comes to the front."""
        self._left = left_by(self._left, self._debugger, self._begun, choice)
        self._choice, self._is_stale = choice, self._offer is not None
        if self._in_front:
            self._begin()

    def _begin(self) -> None:
        """Begin the chosen pass; if its network is the same, keep the step and the selection of the previous one."""
        if self._offer is None:
            return
        self.views.editor.close_quietly()
        if self._debugger is not None:
            self.player.set_debugger(self._debugger)  # it moves no more
        self._coming.start(self._come(self._offer))

    def _drop(self) -> None:
        """Let a pass that is on its way go; one that is being shown is shown."""
        if self._is_stale:
            self._coming.stop()
        else:
            self.finish()

    def _come(self, offer: Offer) -> Iterator[None]:
        """Make the chosen pass, and show it in place of the previous one."""
        try:
            came = yield from come(offer, self._choice, self._debugger, self._source, self._left)
        except ConvvizError as error:
            self._coming.stop()
            self.failed.emit(str(error))
            return
        self._offer, self._source, self._is_stale = came.offer, came.source, False
        debugger = self._debugger = came.debugger
        screen = self._screen = Screen(self.views, debugger, came.source)
        self.editing.set_screen(screen)
        self.views.go_to.set_debugger(debugger)
        self.pointer.set_screen(screen)
        self.asking.set_pass(debugger, came.source)
        self.player.set_debugger(debugger)
        self._choice = replace(self._choice, first=None)
        self._begun = self.choice
        self._reading.start(sources_read(debugger.run.program))
        self._left = self._left if came.source.kind is PassKind.PROBED else None
        self.views.pass_choice.offer_back(None if self._left is None else self._left.choice.kind)
        if came.step is not None:
            self.step_to(came.step)
        self.editing.clear()
        paint_later(self)
        yield from screen.show(came.offer)
        self._show_status()
        self.begun.emit()

    def show_move(self) -> None:
        """Show the place to which the cursor has moved."""
        self.views.editor.close_quietly()
        self.editing.clear()
        self.refresh()

    def _show_status(self) -> None:
        if self._screen is None or self._offer is None or self.is_coming:
            return  # it is said of the pass that is about to be shown
        text = self._screen.status(self._offer)
        if text != self._status:
            self._status = text
            self.statusChanged.emit(text)
        self._settling.moved()

    def _settle(self) -> None:
        if self._screen is not None:
            self._screen.settle()
