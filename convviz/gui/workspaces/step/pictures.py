"""Makes the pictures that the views show of a place in a pass. No Qt."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from convviz.core.arrays import ArraySpec, Index
from convviz.core.lower import LOSS
from convviz.core.ops.cells import Cells
from convviz.core.program import Program
from convviz.gui.workspaces.step.cell_text import equation_of, use_of
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.debugger import AXES, Debugger
from convviz.gui.workspaces.step.marks import MOST_CHANGED, changed_cells, marks_for
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.picture import (
    CellPicture,
    NumberChoice,
    PaneContent,
    PaneMarks,
    SourcePicture,
    StepPicture,
    WayPicture,
)
from convviz.present.step.arrange import arrange
from convviz.present.step.explain import explain, formula_of, formulas_of, title_of
from convviz.present.step.facts import facts
from convviz.present.step.links import Lit, light
from convviz.present.step.listing import detail, hint, listing
from convviz.present.step.output_cell import counterparts, output_cell
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.pass_words import about, about_changed, note
from convviz.present.step.pictures import picture_of
from convviz.present.step.provenance import Kept, branches, no_way_back, source_of
from convviz.present.step.scale import StepScales
from convviz.present.step.source import call_of, comparison, readable_source, settings_of, source_of_op, written
from convviz.present.step.values import distinct, label, short
from convviz.training.nudge import belongs_to
from convviz.training.nudge import why_not as why_no_nudge
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.stepping import Pass


class Pictures:
    """Makes the pictures of a debugger's place.

    Parameters
    ----------
    debugger : Debugger
    scales : StepScales
        The colour scales and their scope.
    source : PassSource
        The source of the pass.
    """

    def __init__(self, debugger: Debugger, scales: StepScales, source: PassSource) -> None:
        self._debugger = debugger
        self._run = debugger.run
        self._scales = scales
        self._source = source
        self._ways: tuple[object, Kept] = (), {}
        self._formulas = partial(formulas_of, debugger.run.program)
        self._rows = tuple(listing(debugger.run.program, hypothetical=not source.is_trained))

    def of_step(self, offer: Offer) -> StepPicture:
        """The picture of the step, with the other passes on offer."""
        run, debugger = self._run, self._debugger
        step, scene, cursor, block = debugger.step, debugger.scene(), debugger.cursor, debugger.block()
        small = [one for one in run.program.steps[: step.index + 1] if one.shape in ((), (1,))]
        inside = debugger.progress.inside
        goes_on = not cursor.at_end or inside
        usable = {"start": not cursor.at_start, "back": not cursor.at_start, "over": goes_on, "play": goes_on}
        usable |= {"into": not (cursor.at_end and inside), "out": inside}
        choices = {"sample": self._images(offer)}
        for axis in AXES[1:]:
            size = debugger.size(axis)
            choices[axis] = NumberChoice(debugger.selection.of(axis, size), size, axis in scene.choices)
        return StepPicture(
            scene=scene,
            draw=self.draw,
            rows=self._rows,
            hint=self._hint,
            title=title_of(run.program, step),
            formula=formula_of(run.program, step),
            formulas=self._formulas,
            is_whole=debugger.progress.whole,
            details={one.index: detail(run, one) for one in small},
            unit=step.op.micro_unit,
            done=min(max(debugger.progress.done - block.start, 0), block.count),
            count=block.count,
            usable=frozenset(word for word, is_usable in usable.items() if is_usable),
            choices=choices,
            source=self._of_source(offer),
            note=note(run, self._source, step, offer.batch_size, is_edited=bool(run.edits)),
            edits=len(run.edits),
            can_redo=run.can_redo,
            jumped_from=self._jumped_from(),
        )

    def of_cell(self, scene: Scene) -> CellPicture:
        """The picture of the explained cell: its links in all panes, its equation, code and facts."""
        run, debugger, step = self._run, self._debugger, scene.step
        cell, progress = debugger.cell(), debugger.progress
        lit = light(run.program, scene, cell.name, cell.index)
        focus = cell.index if cell.name == step.output else debugger.focus()
        output = output_cell(run, scene, lit, focus)
        followed = self._followed(scene, cell, output)
        if followed is not scene:
            scene, lit = followed, light(run.program, followed, cell.name, cell.index)
        at = focus if output is None else output
        reads = step.op.reads(run.program.in_shapes(step), step.shape, at)
        call = call_of(run, step)
        is_there = progress.done > 0 or cell.name != step.output
        return CellPicture(
            title=label(cell.name, cell.index),
            panes=tuple(self._marks(scene, pane, cell, lit) for pane in scene.panes),
            draw=self.draw,
            is_hovered=debugger.hovered is not None,
            equation=equation_of(debugger, output, counterparts(scene, lit)),
            readable=readable_source(step.op),
            settings=settings_of(step.op),
            compare=partial(comparison, run, step),
            source=source_of_op(step.op, constant=not any(len(cells) for cells in reads), tests=call.tests),
            call=written(call.arguments),
            has_run=progress.done > 0,
            explanation=self._explanation(scene, cell, output),
            facts=tuple(facts(run, step, cell.name, cell.index, progress)) if is_there else (),
        )

    def of_way(self) -> WayPicture:
        """Where the explained number comes from, and what can be done with it."""
        run, cell = self._run, self._debugger.cell()
        no_edit, no_nudge = why_not_edited(run, cell), why_not_nudged(run, cell)
        known = run.has(cell.name) or cell.name != self._debugger.step.output or self._debugger.progress.done > 0
        if not known:
            step = self._debugger.step
            given = " and ".join(dict.fromkeys(distinct(name, step.output) for name in step.inputs))
            from_ = f", from {given}" if given else ""
            return WayPicture(f"{short(cell.name)} ← {step.op.name}{from_}, once it has run", (), no_nudge, no_edit)
        if self._ways[0] != run.edits:
            self._ways = run.edits, {}
        ways, maker, array = branches(run, cell.name, cell.index, self._ways[1]), run.maker(cell.name), short(cell.name)
        made = f"{array} ← {maker.op.name}" if ways and maker is not None else ""
        return WayPicture(made or f"{array}: {no_way_back(run, cell.name, cell.index)}", ways, no_nudge, no_edit)

    def draw(self, pane: Pane) -> PaneContent:
        """The content of a pane: its numbers and their colour scale."""
        picture = picture_of(self._run, pane, self._debugger.step, self._debugger.progress)
        levels = self._scales.levels(self._run, pane, picture, self._debugger.selection.sample)
        return PaneContent(picture, levels, self._scales.locked)

    # --- how -------------------------------------------------------------------------------------------------------

    def _images(self, offer: Offer) -> NumberChoice:
        """The choice of the image: among all for a pass of one image, otherwise among those of the pass."""
        source = self._source
        if source.kind is PassKind.ONE:
            return NumberChoice(source.rows[0], offer.count, True)
        return NumberChoice(self._debugger.selection.sample, len(source.rows), True)

    def _of_source(self, offer: Offer) -> SourcePicture:
        source = self._source
        # A past minibatch is chosen on the timeline, not in the list of kinds.
        why_not: dict[PassKind, str] = {kind: offer.why_not(kind) for kind in PassKind}
        return SourcePicture(
            source.kind,
            why_not,
            source.rows,
            offer.count,
            self._about(offer),
            source.as_testing,
            offer.waiting,
            offer.is_edited,
        )

    def _about(self, offer: Offer) -> str:
        """How the pass relates to training; a change is no longer what training did."""
        run, source = self._run, self._source
        if run.edits:
            trains_on = {edit.name for edit in run.edits} <= set(run.program.parameters)
            return about_changed(source, offer.batch_size, len(run.edits), trains_on=trains_on)
        return (source.kind is PassKind.PAST and offer.past_words) or about(source, offer.batch_size)

    def _hint(self, step: int) -> str:
        program = self._run.program
        return f"{hint(program, program.steps[step])}\nClick: run to here"

    def _marks(self, scene: Scene, pane: Pane, cell: Cell, lit: Lit) -> PaneMarks:
        marks = marks_for(self._run, scene, pane, cell, lit, self._debugger.progress)
        changed = changed_cells(self._run, pane)
        many = changed is not None and len(changed) > MOST_CHANGED
        words = f"{pane.caption} · {len(changed):,} changed" if changed is not None and many else ""
        return PaneMarks(pane, tuple(marks), words, linked_place(self._run.program, scene, pane, cell, lit))

    def _explanation(self, scene: Scene, cell: Cell, output: Index | None) -> str:
        run, debugger, step = self._run, self._debugger, scene.step
        known = debugger.progress.done > 0
        words = explain(run, step, output) if known and output is not None else f"{title_of(run.program, step)}."
        if cell.name != step.output:
            return f"{use_of(debugger, scene, output)} {words}".strip()
        relation = "" if debugger.hovered is not None else debugger.relation()
        return f"{relation} {words}".strip()

    def _jumped_from(self) -> tuple[str, str]:
        """The cell and the step where the last jump began, in words; empty texts without a jump."""
        past = self._debugger.cursor.past
        if not past:
            return "", ""
        made, cell = self._run.program.steps[past[-1].step], self._debugger.cell_at(past[-1])
        return label(cell.name, cell.index), f"{made.op.name} of {made.layer}" if made.layer else made.op.name

    def _followed(self, scene: Scene, cell: Cell, output: Index | None) -> Scene:
        """The scene in which columns, rows and maps follow the pointer, except in the pane under it."""
        run, debugger, step = self._run, self._debugger, scene.step
        if debugger.hovered is None or output is None:
            return scene
        micro = debugger.micro
        if micro is None and step.op.accumulates and cell.name == step.inputs[0]:
            micro = step.op.micro_reading(run.program.in_shapes(step), step.shape, cell.index)
        others = arrange(run.program, step, debugger.selection_of(output), output, micro)
        panes = tuple(
            new if new.view != old.view and new.view.fold == old.view.fold and not _under(old, cell) else old
            for old, new in zip(scene.panes, others.panes, strict=True)
        )
        return scene if panes == scene.panes else replace(scene, panes=panes, sample=others.sample)


def nudged(run: Pass, name: str, index: Index) -> tuple[str, Index]:
    """The cell to nudge for a given one: a gradient's weight, a copy's pixel, otherwise the cell itself."""
    of = belongs_to(run.program, name)
    return source_of(run, of, index) or (of, index)


def why_not_edited(run: Pass, cell: Cell) -> str:
    """Why a cell can't be set to another number; empty if it can."""
    if source_of(run, cell.name, cell.index) is not None:
        return ""
    return f"{label(cell.name, cell.index)} is computed: change a pixel, a weight or a bias instead."


def why_not_nudged(run: Pass, cell: Cell) -> str:
    """Why the gradient of a cell can't be checked; empty if it can."""
    name, _ = nudged(run, cell.name, cell.index)
    if not why_no_nudge(run.program, name):
        return ""
    if LOSS not in run.program.arrays:
        return "This pass ends in a score, not in a loss: nudging compares slopes of the loss."
    return f"{label(cell.name, cell.index)} can't be nudged: the pass computes no gradient for {short(name)}."


def place_of(pane: Pane, cell: Cell) -> tuple[int, int, int] | None:
    """Where a pane shows a cell: tile, row and column; None if it doesn't show it."""
    if pane.array != cell.name:
        return None
    return _middle(pane, np.asarray([cell.index], dtype=np.intp).reshape(1, -1))


def linked_place(program: Program, scene: Scene, pane: Pane, cell: Cell, lit: Lit) -> tuple[int, int, int] | None:
    """Where a wide pane shows the explained cell or, of the cells linked with it in this image, the middle one."""
    if not pane.strip:
        return None
    if pane.array == cell.name:
        return place_of(pane, cell)
    found = next(
        (cells for kind in (lit.reads, lit.feeds, lit.meets) if (cells := kind.get(pane.array)) is not None), None
    )
    return None if found is None else _middle(pane, of_image(program.arrays[pane.array], found, scene.sample))


def of_image(spec: ArraySpec, cells: Cells, sample: int) -> Cells:
    """Of some cells of a column matrix, those that belong to an image; all of them if none does."""
    if spec.column_blocks < 2:
        return cells
    own = cells[cells[:, 1] // (spec.shape[1] // spec.column_blocks) == sample]
    return own if len(own) else cells


def _middle(pane: Pane, cells: np.ndarray) -> tuple[int, int, int] | None:
    places = pane.places(cells)
    if not len(places):
        return None
    tile, row, col = (int(i) for i in places[len(places) // 2])
    return tile, row, col


def _under(pane: Pane, cell: Cell) -> bool:
    """Whether the pointer, which is over a cell, may be over this pane."""
    return pane.array == cell.name and pane.view.holds(cell.index)
