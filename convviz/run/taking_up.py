"""Taking up a model that was kept: on which data it goes on, and the trainer that stands where it stood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.lower import lower
from convviz.core.network import Network
from convviz.run.commands import DataChoice, OpenModel
from convviz.run.messages import Origin, OtherData
from convviz.run.model import Model, OpenData
from convviz.training.events import Position
from convviz.training.trainer import Trainer, check_fit


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A model that was taken up."""

    trainer: Trainer
    data: OpenData
    origin: Origin


def take_up(command: OpenModel, at_hand: OpenData | None, threads: int) -> Taken | OtherData:
    """Load a model and make a trainer for it.

    Parameters
    ----------
    command : OpenModel
    at_hand : OpenData or None
        The data set that is open.
    threads : int

    Raises
    ------
    ConvvizError, ValueError, OSError
        The model or the data can't be loaded, or don't fit each other.
    """
    name, model = command.model.name, command.model.load()
    if command.data is not None:
        at_hand = opened(command.data)
    others = command.model.elsewhere(model) if command.data is None and not command.anyway else ()
    own = own_data(model, at_hand, others)
    if own is not None:
        trainer = trainer_where_it_stood(model, own, threads)
        return Taken(trainer, own, Origin(name, model, trainer.position, goes_on=True))
    if at_hand is not None and command.anyway:
        trainer = trainer_with_its_weights(model, at_hand, threads)
        return Taken(trainer, at_hand, Origin(name, model, place(model), goes_on=False))
    return OtherData(
        name,
        model.design,
        model.trained_on.words if model.trained_on is not None else "",
        at_hand.name if at_hand is not None else "",
        misfit(model.design, at_hand) if at_hand is not None else "no data set is open",
    )


def place(model: Model) -> Position:
    """Where a model's training stands, on whatever data: how many minibatches an epoch has is not known."""
    stands = model.standing
    return Position(stands.epoch, stands.minibatch, stands.step, model.design.training.epochs, 0)


def opened(choice: DataChoice) -> OpenData:
    """Load a data set.

    Raises
    ------
    ConvvizError, ValueError
        It can't be loaded.
    """
    return OpenData(choice.name, *choice.load())


def misfit(design: Design, data: OpenData) -> str:
    """Why a design can't be trained on a data set, whatever it takes of it; empty if it can."""
    try:
        check_fit(design, "training", data.train)
        check_fit(design, "test", data.test)
    except ConvvizError as error:
        return str(error)
    return ""


def is_own_data(model: Model, data: OpenData) -> bool:
    """Whether a model can go on with a data set as if it had never stopped."""
    if misfit(model.design, data):
        return False
    if model.trained_on is None:
        sizes = model.design.training
        return (sizes.train_size or 0) <= len(data.train) and (sizes.test_size or 0) <= len(data.test)
    return model.trained_on.is_this(*data.taken_by(model.design))


def own_data(model: Model, at_hand: OpenData | None, others: Iterable[DataChoice]) -> OpenData | None:
    """The data that a model was trained on: what is at hand, or the first of the others; None if it is none of them."""
    if at_hand is not None and is_own_data(model, at_hand):
        return at_hand
    for choice in others:
        try:
            found = opened(choice)
        except (ConvvizError, ValueError, OSError):
            continue  # a guess of ours, which the user has not asked for
        if is_own_data(model, found):
            return found
    return None


def trainer_where_it_stood(model: Model, data: OpenData, threads: int) -> Trainer:
    """A trainer that goes on bit for bit as the one that the model is of.

    Raises
    ------
    DesignError
        It never stood on this data.
    """
    trainer = trainer_of(model.design, model, data, threads, frozenset(model.arrays))
    try:
        trainer.go_on_from(model.standing)
    except ConvvizError:
        trainer.close()
        raise
    return trainer


def trainer_with_its_weights(model: Model, data: OpenData, threads: int) -> Trainer:
    """A trainer at the beginning of a new run, with a model's weights and running statistics, on all images.

    Raises
    ------
    DesignError
        The images don't fit.
    """
    sizes = replace(model.design.training, train_size=None, test_size=None)
    design = replace(model.design, training=sizes)
    kept = lower(design, 1, train=False)
    names = frozenset(name for name in kept.sources if not kept.arrays[name].batched)
    return trainer_of(design, model, data, threads, names)


def trainer_of(design: Design, model: Model, data: OpenData, threads: int, names: frozenset[str]) -> Trainer:
    """A trainer whose network has some of a model's arrays."""
    arrays = {name: model.arrays[name] for name in names}
    precision = next(iter(model.arrays.values())).dtype
    network = Network(design, precision=precision, weights=arrays)
    return Trainer(design, data.train, data.test, network=network, threads=threads)
