"""What the views of Step show: of a step, of a cell, and of what takes longer to find. Values only, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from convviz.gui.widgets.marks import Mark
from convviz.gui.workspaces.step.cell_text import CellEquation
from convviz.present.colour import Levels
from convviz.present.step.facts import Fact
from convviz.present.step.listing import ListingRow
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.pass_words import PassNote
from convviz.present.step.picture import PanePicture
from convviz.present.step.provenance import CellSource
from convviz.present.step.source import Source
from convviz.training.pass_source import PassKind


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """A number to choose: its value, the number of values, and whether it changes what is seen."""

    value: int
    size: int
    is_used: bool


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """The source of the pass, as it is shown.

    Parameters
    ----------
    kind : Kind
    why_not : mapping of Kind to str
        Why a kind of pass can't be stepped; empty where it can.
    rows : tuple of int
        The images of the pass.
    available : int
        Number of images to choose from.
    about : str
        What the pass is for training.
    as_testing : bool
        Whether layers behave as in testing.
    waiting : str
        Name of an edited design that waits beside a trained network; empty without one.
    is_edited : bool
        Whether that one is stepped.
    """

    kind: PassKind
    why_not: Mapping[PassKind, str]
    rows: tuple[int, ...]
    available: int
    about: str
    as_testing: bool = False
    waiting: str = ""
    is_edited: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PaneContent:
    """What a pane is drawn from."""

    picture: PanePicture
    levels: Levels
    is_locked: bool


@dataclass(frozen=True, slots=True, eq=False)
class StepPicture:
    """What is shown of a step.

    Parameters
    ----------
    scene : Scene
        Its panes.
    draw : callable
        Makes the content of a pane.
    rows : tuple of Row
        The listing of the pass.
    hint : callable
        What its tooltip says about a step.
    title, formula : str
        A sentence, and LaTeX.
    formulas : callable
        Returns the formulas of all steps, in any thread.
    is_whole : bool
        Whether all of the step is done.
    details : mapping of int to str
        What the listing says of some steps.
    unit : str
        What its micro-steps make: a cell, a column.
    done, count : int
        Of the micro-steps that the slider goes over.
    usable : frozenset of str
        Moves that are possible.
    choices : mapping of str to Choice
        By axis.
    source : SourcePicture
    note : PassNote
        What the user has to know about the pass here.
    edits : int
        Changes in force.
    can_redo : bool
    jumped_from : tuple of str
        The cell and the step that the last jump began at; empty texts without one.
    """

    scene: Scene
    draw: Callable[[Pane], PaneContent]
    rows: tuple[ListingRow, ...]
    hint: Callable[[int], str]
    title: str
    formula: str
    formulas: Callable[[], Iterable[str]]
    is_whole: bool
    details: Mapping[int, str]
    unit: str
    done: int
    count: int
    usable: frozenset[str]
    choices: Mapping[str, NumberChoice]
    source: SourcePicture
    note: PassNote
    edits: int
    can_redo: bool
    jumped_from: tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class PaneMarks:
    """What a pane says about the cell in question.

    Parameters
    ----------
    pane : Pane
        What is shown there: columns that are drawn folded follow the pointer.
    marks : tuple of Mark
    words : str
        Replaces the caption; empty where it stays.
    place : tuple of int or None
        Tile, row and column of what is linked, in a wide pane.
    """

    pane: Pane
    marks: tuple[Mark, ...]
    words: str
    place: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True, eq=False)
class CellPicture:
    """What is shown of the cell in question.

    Parameters
    ----------
    title : str
    panes : tuple of PaneMarks
        One for every pane of the scene.
    draw : callable
        Makes the content of a pane.
    is_hovered : bool
        Whether the cell is under the pointer: then no pane moves.
    equation : CellEquation
    readable, settings : Source, str
        The plain NumPy that says what the step does, and a comment on what it is called with.
    compare : callable
        Returns what runs that on the arrays of the pass and says how far they differ, in any thread.
    source, call : Source, str
        The code that made the cell, and a comment on this call of it.
    has_run : bool
        Whether the code has run.
    explanation : str
        Sentences, as simple HTML.
    facts : tuple of Fact
    """

    title: str
    panes: tuple[PaneMarks, ...]
    draw: Callable[[Pane], PaneContent]
    is_hovered: bool
    equation: CellEquation
    readable: Source
    settings: str
    compare: Callable[[], Callable[[], str]]
    source: Source
    call: str
    has_run: bool
    explanation: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WayPicture:
    """What takes longer to compute: where the number comes from, and what can be done with it.

    Parameters
    ----------
    first : str
        What is said of the cell itself.
    branches : tuple of Branch
        The ways back from it.
    no_nudge, no_edit : str
        Why it can't be nudged or changed; empty where it can.
    """

    first: str
    branches: tuple[CellSource, ...]
    no_nudge: str
    no_edit: str


@runtime_checkable
class StepView(Protocol):
    """Shows something of a step."""

    def show_step(self, picture: StepPicture) -> None:
        """Show another step."""


@runtime_checkable
class CellView(Protocol):
    """Shows something of a cell."""

    def show_cell(self, picture: CellPicture) -> None:
        """Show another cell."""


@runtime_checkable
class WayView(Protocol):
    """Shows where a number comes from, or what can be done with it."""

    def show_way(self, picture: WayPicture) -> None:
        """Show another way."""
