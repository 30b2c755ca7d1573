"""What the totals bar says of a design."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.gui.workspaces.builder.totals_bar import TotalsBar
from convviz.present.design.build_text import short_bytes, short_count, short_time
from convviz.present.design.costs import Costs
from convviz.present.design.data_facts import DataFacts
from convviz.present.run_facts import RunFacts, TimedEpoch
from convviz.training.measure import Measured

LARGE = 4_000_000_000
"""Bytes from which a warning is due."""


def show_totals(
    bar: TotalsBar, design: Design, costs: Costs, data: DataFacts | None, measured: Measured | None, *, waiting: bool
) -> None:
    """Say whether a design can be trained, and what it comes to.

    Parameters
    ----------
    bar : TotalsBar
    design : Design
    costs : Costs
    data : DataFacts or None
    measured : Measured or None
        A few real steps of this design.
    waiting : bool
        Whether they are being taken.
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
    _show_memory(bar, costs, measured, waiting=waiting)


def _show_memory(bar: TotalsBar, costs: Costs, measured: Measured | None, *, waiting: bool) -> None:
    held = measured.nbytes if measured is not None else costs.memory
    what = f"Memory of weights, optimiser and one pass of {costs.batch:,} images"
    shared = (
        "It can be less than the outputs beside the layers together: what is no longer read makes room for what comes "
        "next.\nThe data set comes on top."
    )
    if measured is not None:
        said, tip = short_bytes(held), f"{what}, as a trainer of this design holds it. {shared}"
    elif waiting:
        said, tip = "measuring…", f"{what}: a trainer of this design is being made"
    else:
        said, tip = f"≈ {short_bytes(held)}", f"{what}, estimated from the shapes: within a factor of two. {shared}"
    token = "danger" if held > LARGE else "muted" if waiting and measured is None else "ink"
    bar.memory.show_figure(said, tip, token, f"memory at batch {costs.batch:,}")


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
    step = f"{short_time(measured.step_seconds)} a step of {measured.batch:,} images, the quietest of {measured.steps}"
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
        f"images to be evaluated.\nAn epoch trains on {training:,} images, then evaluates them and {test or 0:,} more."
    )
    bar.epoch.show_figure(f"≈ {short_time(seconds)}", tip, "ink", "one epoch here")


def show_run(
    bar: TotalsBar, design: Design, facts: RunFacts | None, timed: TimedEpoch | None, *, measured: bool
) -> None:
    """Say how the run stands to a design that can be trained, and how long an epoch really took.

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
