"""What the views of Step are given to show: pictures of a step, of a cell, and of its origins. Values only, no Qt."""

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
    """A number that the user can choose: its value, the number of values, and whether it affects what is shown."""

    value: int
    size: int
    is_used: bool


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """Which pass is stepped, and which could be.

    Parameters
    ----------
    kind : PassKind
    why_not : mapping of PassKind to str
        Why a kind of pass can't be stepped; empty if it can.
    rows : tuple of int
        Rows of the images in the pass.
    available : int
        Number of images to choose from.
    about : str
        How the pass relates to the training.
    as_testing : bool
        Whether layers behave as in testing.
    waiting : str
        Name of an edited design that waits while another network is trained; empty without one.
    is_edited : bool
        Whether the waiting design is the one that is stepped.
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
        The panes of the step.
    draw : callable
        Makes the content of a pane.
    rows : tuple of ListingRow
        The listing of the pass.
    hint : callable
        Returns the listing's tooltip for a step.
    title, formula : str
        A sentence, and LaTeX.
    formulas : callable
        Returns the formulas of all steps; can be called in any thread.
    is_whole : bool
        Whether all of the step is done.
    details : mapping of int to str
        By step, text that replaces its detail in the listing.
    unit : str
        What a micro-step makes: a cell, a column.
    done, count : int
        Number of micro-steps that are done, and of those that the slider covers.
    usable : frozenset of str
        The moves that are possible.
    choices : mapping of str to NumberChoice
        By axis.
    source : SourcePicture
    note : PassNote
        What the user must know about the pass at this step.
    edits : int
        Number of changes in force.
    can_redo : bool
        Whether an undone change can be made again.
    jumped_from : tuple of str
        The cell and the step where the last jump began; empty texts without one.
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
    """What a pane shows about the explained cell.

    Parameters
    ----------
    pane : Pane
        The part of its array that the pane shows; a column drawn as a window follows the pointer.
    marks : tuple of Mark
    words : str
        Text that replaces the caption; empty if the caption stays.
    place : tuple of int or None
        In a wide pane, tile, row and column of the linked cell.
    """

    pane: Pane
    marks: tuple[Mark, ...]
    words: str
    place: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True, eq=False)
class CellPicture:
    """What is shown of the explained cell.

    Parameters
    ----------
    title : str
        Name of the cell.
    panes : tuple of PaneMarks
        One for each pane of the scene.
    draw : callable
        Makes the content of a pane.
    is_hovered : bool
        Whether the cell is under the pointer; then no pane scrolls.
    equation : CellEquation
    readable, settings : Source, str
        The step in plain NumPy, and a comment with the arguments it is called with.
    compare : callable
        Returns a task that runs the plain NumPy on the arrays of the pass and says by how much the results differ; the
        task can run in any thread.
    source, call : Source, str
        The kernel that made the cell, and a comment on this call of it.
    has_run : bool
        Whether the kernel has run.
    explanation : str
        Sentences, as simple HTML.
    facts : tuple of Fact
        Labels and values; empty until the cell is computed.
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
    """Where the explained number comes from, and what can be done with it. This takes longer to compute.

    Parameters
    ----------
    first : str
        The first line: the array and the op that made it, or why there is no way back.
    branches : tuple of CellSource
        The ways back from the cell.
    no_nudge, no_edit : str
        Why the number can't be nudged or changed; empty if it can.
    """

    first: str
    branches: tuple[CellSource, ...]
    no_nudge: str
    no_edit: str


@runtime_checkable
class StepView(Protocol):
    """A view that shows part of a step's picture."""

    def show_step(self, picture: StepPicture) -> None:
        """Show another step."""


@runtime_checkable
class CellView(Protocol):
    """A view that shows part of a cell's picture."""

    def show_cell(self, picture: CellPicture) -> None:
        """Show another cell."""


@runtime_checkable
class WayView(Protocol):
    """A view that shows where a number comes from, or what can be done with it."""

    def show_way(self, picture: WayPicture) -> None:
        """Show the origins of another number."""
