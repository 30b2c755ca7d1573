"""Adds the contents of the session's messages to the curves of a run."""

from __future__ import annotations

from convviz.present.history import History
from convviz.run.breakpoints.condition import Hit
from convviz.run.messages import Adopted, Message, Origin, WeightsChanged, WorstImages
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.layers_measured import LayersMeasured

__all__ = ["add_message", "add_origin"]


def add_message(history: History, message: Message) -> None:
    """Add the contents of a message to the curves, if it has any for them."""
    match message:
        case MinibatchDone():
            history.add_minibatch(message.position.step, message)
        case LayersMeasured():
            history.layers.add(message)
        case WorstImages():
            history.worst = message.rows
        case Adopted():
            history.edits.add_settings(message.position.step, message.before, message.after)
        case WeightsChanged():
            history.edits.add_weights(message.position.step, message.names)
        case Hit():
            kind = "hit" if message.breakpoint.holds else "mark"
            history.marks.append((message.at, message.sentence, kind))
        case EpochDone():
            history.add_epoch(message.position.step, message)
        case _:
            pass


def add_origin(history: History, origin: Origin) -> None:
    """Add the training that precedes a continued or opened run."""
    at, recorded = origin.position, origin.recorded
    if recorded is None:
        history.add_past(origin.name, at.step, at.minibatches, origin.epochs, origin.losses)
        return
    for number, measures in enumerate(origin.epochs, 1):
        history.add_epoch(number * at.minibatches, measures)
    curves = recorded.curves
    history.minibatches.extend(curves.steps, curves.loss, curves.accuracy)
    history.rates.extend(curves.steps, curves.rates)
    for edit in curves.settings:
        history.edits.add_settings(edit.step, edit.before, edit.after)
    for step, names in curves.weights:
        history.edits.add_weights(step, names)
    history.layers.extend(curves.layers)
    history.marks.extend(curves.marks)
    if recorded.branch_step is not None:
        history.marks.append((recorded.branch_step, f"branched from {origin.name}", "fork"))
