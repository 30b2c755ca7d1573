"""The contents of the totals bar: costs of the design, measured times and memory, and a comparison with the run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from convviz.core.design import Design
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.design_document import DesignDocument
from convviz.gui.workspaces.builder.totals.bar import TotalsBar
from convviz.gui.workspaces.builder.totals.measurer import Measurer
from convviz.present.design.build_text import short_bytes, short_count, short_time
from convviz.present.design.costs import Costs, memory
from convviz.present.design.data_facts import DataFacts
from convviz.present.run_facts import RunFacts, TimedEpoch, same_work
from convviz.present.words import counted
from convviz.training.measure import Measured

LARGE = 4_000_000_000
"""Memory in bytes above which the bar warns."""
MOST_BYTES, MOST_WORK = 500_000_000, 60_000_000_000
"""Bytes, and multiply-adds per step, above which a design is not measured automatically."""
DEEP = 60
"""Number of layers above which the memory is estimated in another thread: it takes some tens of milliseconds."""


class TotalsModel(QObject):
    """Keeps the totals bar up to date while design, data and run change.

    Parameters
    ----------
    bar : TotalsBar
    document : DesignDocument
    parent : QObject

    Attributes
    ----------
    measurer : Measurer
    measured : (Design, Measured or None) or None
        The design that was measured last, with the result; None once the design has changed.
    """

    def __init__(self, bar: TotalsBar, document: DesignDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._bar, self._document = bar, document
        self._data: DataFacts | None = None
        self._run: RunFacts | None = None
        self._timed: TimedEpoch | None = None
        self.measured: tuple[Design, Measured | None] | None = None
        self.measurer = Measurer(self, most_bytes=MOST_BYTES)
        self.measurer.measured.connect(self._take)
        self._estimated: tuple[Design, int | None] | None = None
        """The deep design whose memory was asked for last, and the bytes; None until they are known."""
        self._estimating = Background("convviz-memory", self)
        self._estimating.done.connect(self._take_estimate)

    def show_design(self, data: DataFacts | None) -> None:
        """Show what is known about a changed design or data set, and measure the design if necessary."""
        self._data = data
        design, costs = self._document.design, self._document.costs
        if self.measured is not None and not self._is_of(*self.measured):
            self.measured = None
        if self.measured is None:
            work = 3 * costs.mult_adds * costs.batch
            can = costs.valid and work < MOST_WORK
            self.measurer.ask(design if can else None, self._images())
        self._show()

    def set_run(self, facts: RunFacts | None, timed: TimedEpoch | None) -> None:
        """Set the facts of a run that has trained, and the duration of its last whole epoch."""
        if (facts, timed) != (self._run, self._timed):
            self._run, self._timed = facts, timed
            self._show()

    def set_training(self, training: bool) -> None:
        """Set whether a training is running; nothing is measured during one."""
        self.measurer.set_paused(training)
        self._show()

    def close(self) -> None:
        """Stop measuring."""
        self.measurer.close()
        self._estimating.cancel()

    def _show(self) -> None:
        measured = self.measured[1] if self.measured is not None else None
        waiting = self.measured is None and self.measurer.is_busy
        design, costs = self._document.design, self._document.costs
        needed = None
        if measured is None and not waiting and costs.valid and not costs.unfinished:
            needed = self._estimate(design)
        show_totals(self._bar, design, costs, self._data, measured, needed, waiting=waiting)
        fits = self._data is None or self._data.trouble(design) is None
        if costs.valid and fits:
            show_run(self._bar, design, self._run, self._timed, measured=measured is not None)

    def _estimate(self, design: Design) -> int | None:
        """The estimated memory of a design in bytes; None until it is known."""
        if len(design.layers) <= DEEP:
            return memory(design)
        if self._estimated is None or self._estimated[0] != design:
            self._estimated = design, None
            self._estimating.start(lambda _cancelled: (design, memory(design)))
        return self._estimated[1]

    @Slot(object)
    def _take_estimate(self, found: tuple[Design, int]) -> None:
        self._estimated = found
        self._show()

    def _is_of(self, design: Design, measured: Measured | None) -> bool:
        """Whether a measurement of ``design`` holds for the current design, and for the size of its minibatches."""
        now = self._document.design
        batch = min(now.training.batch_size, self._images() or now.training.batch_size)
        return same_work(design, now) and (measured is None or measured.batch == batch)

    def _images(self) -> int | None:
        """Number of training images, if known."""
        wanted = self._document.design.training.train_size
        there = self._data.training if self._data is not None else None
        known = [n for n in (wanted, there) if n is not None]
        return min(known) if known else None

    @Slot(object, object)
    def _take(self, design: Design, measured: Measured | None) -> None:
        if same_work(design, self._document.design):
            self.measured = (design, measured)
            self._show()


def show_totals(
    bar: TotalsBar,
    design: Design,
    costs: Costs,
    data: DataFacts | None,
    measured: Measured | None,
    needed: int | None,
    *,
    waiting: bool,
) -> None:
    """Show whether a design can be trained, and its total costs.

    Parameters
    ----------
    bar : TotalsBar
    design : Design
    costs : Costs
    data : DataFacts or None
    measured : Measured or None
        Measurement of a few real steps of this design.
    needed : int or None
        Memory in bytes, estimated; None until it is.
    waiting : bool
        Whether the measurement is under way.
    """
    trouble = data.trouble(design) if data is not None else None
    if not design.layers:
        bar.say("No layers yet:", "pick one, or open a preset.", "hint")
    elif costs.unfinished:
        bar.say("Not finished:", f"a Dense with {design.classes} units, one per class, has to end it.", "hint")
    elif costs.error is not None:
        bar.say("Can't train yet:", str(costs.error), "fault")
    elif trouble is not None:
        bar.say("Can't train yet:", trouble.sentence, "fault")
    elif data is not None and data.stands_in:
        bar.say("Open a data set to train on", "a black image stands in", "hint")
    else:
        bar.say("Ready to train", "", "ready")
    if not costs.valid and not costs.unfinished:
        for figure in (bar.parameters, bar.mult_adds, bar.epoch, bar.memory):
            figure.show_figure("–", "Not known: the design does not fit together yet.", "faint")
        return
    bar.parameters.show_figure(f"{costs.parameters:,}", "Numbers that training changes")
    forward = f"{costs.mult_adds:,} multiply-adds in the matrix products of one image's forward pass"
    bar.mult_adds.show_figure(short_count(costs.mult_adds), f"{forward}; training takes about three times as many.")
    if costs.unfinished:
        return
    _show_time(bar, design, data, measured, waiting=waiting)
    _show_memory(bar, design, measured, needed, waiting=waiting)


def _show_memory(
    bar: TotalsBar, design: Design, measured: Measured | None, needed: int | None, *, waiting: bool
) -> None:
    batch = design.training.batch_size
    held = measured.nbytes if measured is not None else needed or 0
    what = f"Memory of weights, optimiser and one pass of {counted(batch, 'image')}"
    shared = (
        "It can be less than the sum of the outputs beside the layers: outputs that are no longer read make room for "
        "later ones.\nThe data set comes on top."
    )
    if measured is not None:
        said, tip = short_bytes(held), f"{what}, as a trainer of this design holds it. {shared}"
    elif waiting:
        said, tip = "measuring…", f"{what}: a trainer of this design is being made"
    elif needed is None:
        said, tip = "…", f"{what}: it is being estimated"
    else:
        said, tip = f"≈ {short_bytes(held)}", f"{what}, estimated from the shapes: within a factor of two. {shared}"
    token = "danger" if held > LARGE else "muted" if waiting and measured is None else "ink"
    bar.memory.show_figure(said, tip, token, f"memory at batch {batch:,}")


def _show_time(
    bar: TotalsBar, design: Design, data: DataFacts | None, measured: Measured | None, *, waiting: bool
) -> None:
    if measured is None:
        said = "measuring…" if waiting else "not measured"
        tip = (
            "A few real steps of training are timed" if waiting else "Not measured: too large, or a training is running"
        )
        bar.epoch.show_figure(said, tip, "muted" if waiting else "faint", "one epoch here")
        return
    images = counted(measured.batch, "image")
    step = f"{short_time(measured.step_seconds)} a step of {images}, the quietest of {measured.steps}"
    training, test = design.training.train_size, design.training.test_size
    if data is not None:
        training = min(training or data.training, data.training)
        test = min(test or data.test, data.test)
    if not training:
        tip = f"Measured on this machine: {step}. Open a data set to see the time of an epoch."
        bar.epoch.show_figure(f"≈ {short_time(measured.step_seconds)}", tip, "ink", "one step here")
        return
    seconds = measured.epoch_seconds(training, test or 0)
    tip = (
        f"Measured on this machine: {step}, and {short_time(measured.evaluation_seconds * 1000)} for 1,000 "
        f"images to be evaluated.\nAn epoch trains on {counted(training, 'image')}, then evaluates them and "
        f"{test or 0:,} more."
    )
    bar.epoch.show_figure(f"≈ {short_time(seconds)}", tip, "ink", "one epoch here")


def show_run(
    bar: TotalsBar, design: Design, facts: RunFacts | None, timed: TimedEpoch | None, *, measured: bool
) -> None:
    """Show how the run compares with a design that can be trained, and how long an epoch really took.

    Parameters
    ----------
    bar : TotalsBar
    design : Design
    facts : RunFacts or None
    timed : TimedEpoch or None
        The last whole epoch that was trained on the open data.
    measured : bool
        Whether steps of the design were timed beforehand.
    """
    if facts is not None:
        bar.say_run(facts.lead(), facts.says(design), running=facts.state == "running")
    if timed is not None and timed.holds_for(design):
        tip = f"{short_time(timed.seconds)}, as measured in the last epoch: its training and its evaluation"
        bar.epoch.show_figure(short_time(timed.seconds), tip, "ink", "one epoch here")
    elif facts is not None and facts.state == "running" and not measured:
        tip = "A few real steps are timed once the training holds: both at once would slow each other down"
        said = "when paused"
        if TimedEpoch(facts.design, 0.0).holds_for(design):
            tip, said = "The first whole epoch of this run has not been trained yet", "after epoch 1"
        bar.epoch.show_figure(said, tip, "muted", "one epoch here")
