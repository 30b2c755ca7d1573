"""Joins the widgets of Step with its page: what is done in a widget is done by the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from convviz.core.arrays import Index
from convviz.gui.workspaces.step.layout import Views
from convviz.present.step.terms import Part
from convviz.training.pass_source import PassKind


class Page(Protocol):
    """The part of Step's page that the widgets call."""

    kindPicked: Any
    editedPicked: Any
    refused: Any
    runStepAsked: Any
    liveAsked: Any
    moves: Any

    def finish(self) -> None: ...

    def step_to(self, step: int) -> None: ...

    def command(self, word: str) -> None: ...

    def scrub(self, done: int) -> None: ...

    def pick_cell(self, name: str, index: Index) -> None: ...

    def choose(self, axis: str, value: int) -> None: ...

    def choose_kind(self, kind: PassKind) -> None: ...

    def choose_rows(self, rows: tuple[int, ...]) -> None: ...

    def choose_testing(self, as_testing: bool) -> None: ...

    def refresh(self) -> None: ...


def finish_first(page: Page, views: Views) -> None:
    """Have a pass that is on its way shown before what changes or asks about the pass on display.

    Call this before anything else is connected with these widgets.
    """
    inspector, changes = views.inspector, views.changes
    asked = (inspector.nudgeAsked, inspector.editAsked, changes.undo.clicked, changes.redo.clicked)
    for signal in (*asked, views.panes.cellPainted, views.console.asked):
        signal.connect(lambda *_: page.finish())


def join(page: Page, views: Views) -> None:
    """Have the page do what is asked for in its widgets."""
    views.listing.stepPicked.connect(page.step_to)
    views.transport.asked.connect(page.command)
    views.transport.scrubbed.connect(page.scrub)
    views.panes.cellPicked.connect(page.pick_cell)
    views.go_to.picked.connect(page.pick_cell)
    views.go_to.told.connect(page.refused)
    views.equation.partPicked.connect(lambda part: _pick_part(page, part))
    views.origins.originPicked.connect(page.pick_cell)
    views.chooser.picked.connect(page.choose)
    views.scale.chosen.connect(page.refresh)
    views.way_back.clicked.connect(page.moves.return_from_jump)
    for view in (views.pass_choice, views.pass_note):
        view.picked.connect(lambda kind: _pick(page, page.choose_kind, PassKind(kind)))
    views.pass_choice.rowsPicked.connect(lambda rows: _pick(page, page.choose_rows, rows))
    views.pass_choice.testingPicked.connect(page.choose_testing)
    views.pass_choice.editedPicked.connect(page.editedPicked)
    views.run_timeline.stepAsked.connect(page.runStepAsked)
    views.run_timeline.liveAsked.connect(page.liveAsked)


def _pick_part(page: Page, part: Part) -> None:
    page.pick_cell(part.name, part.index)


def _pick(page: Page, choose: Callable[[Any], None], what: object) -> None:
    """Choose a pass, as the user wants."""
    choose(what)
    page.kindPicked.emit()
