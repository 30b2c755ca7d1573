"""Checks that a network fits into memory, before anything is allocated."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.core.memory import prediction_memory, refuse_without_room, training_memory
from convviz.core.network import lowered
from convviz.core.program import Program
from convviz.core.remaking import stepping_memory
from convviz.plurals import counted

__all__ = ["check_room_to_predict", "check_room_to_step", "check_room_to_train"]


def check_room_to_train(design: Design, threads: int = 2, images: int | None = None) -> None:
    """Refuse a design that can't be trained in the free memory.

    Parameters
    ----------
    design : Design
    threads : int
    images : int, optional
        How many there are to train on, where that is known: a minibatch has no more.

    Raises
    ------
    DesignError
        The net is impossible, or too large.
    """
    design = design.named()
    batch = design.training.batch_size if images is None else max(min(design.training.batch_size, images), 1)
    needed = training_memory(lowered(design, batch), threads)
    refuse_without_room(design.name, needed, "trains", f"with minibatches of {batch:,}", "batch_size")


def check_room_to_predict(design: Design, batch: int, threads: int) -> None:
    """Refuse a network that needs too much memory to predict ``batch`` images at a time.

    Raises
    ------
    DesignError
    """
    needed = prediction_memory(design, batch, threads)
    refuse_without_room(design.name, needed, "predicts", f"for {counted(batch, 'image')} at a time")


def check_room_to_step(design: Design, program: Program, bytes_each: int) -> None:
    """Refuse a pass whose arrays don't fit into memory.

    Raises
    ------
    DesignError
    """
    needed = stepping_memory(program, bytes_each)
    when = f"for {counted(program.batch, 'image')}"
    refuse_without_room(design.name, needed, "keeps the arrays of a pass", when, "batch_size")
