"""Beginning a new run at a past moment of a recorded one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.files.cancel import Cancelled
from convviz.run.commands import Branch
from convviz.run.messages import Origin, OtherData
from convviz.run.opening import OpenData, OpenedModel, RecordedEnd, open_data, resumed_trainer
from convviz.run.recording.lineage import lineage
from convviz.run.recording.opening import open_recording
from convviz.run.recording.reopening import recorded_run, starts_of
from convviz.run.recording.replay import Replayer
from convviz.run.recording.way import Told, on_the_way
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import Parent
from convviz.storage.recording.names import name_of_recording
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone

__all__ = ["branched", "open_branch"]


def branched(
    replayer: Replayer,
    step: int,
    design: Design | None = None,
    cancelled: Cancelled | None = None,
    passed: Callable[[MinibatchDone], object] | None = None,
) -> NetworkState:
    """The state that a branch begins with.

    Parameters
    ----------
    replayer : Replayer
    step : int
        Of the recorded run.
    design : Design, optional
        Other settings, with which the run goes on at this step; or another network, optimiser or minibatches: then the
        run begins at the first epoch, with the parameters that fit.
    cancelled : callable, optional
    passed : callable, optional
        Called with every minibatch that is replayed.

    Raises
    ------
    RecordingError
        There is no such step.
    DesignError
        No parameter fits the design.
    """
    replayer.go_to(step, cancelled=cancelled, passed=passed)
    state = replayer.state()
    if design is None or design.named() == state.design:
        return state
    try:
        replayer.trainer.adopt(design)
    except DesignError:
        return transplanted(state, design.named(), replayer.recording.path.name)
    place = replace(state.place, learning_rate=design.training.optimiser.lr)
    return replace(state, design=replayer.trainer.design, place=place)


def transplanted(state: NetworkState, design: Design, name: str) -> NetworkState:
    """An untrained network of another design, with the parameters of a trained one that fit.

    Raises
    ------
    DesignError
        None of them fits.
    """
    network = Network(design, precision=state.precision)
    lasting = {one for one in network.program(1, train=False).sources if one in network.arrays}
    fitting = {
        one: array for one, array in state.arrays.items() if one in lasting and network.arrays[one].shape == array.shape
    }
    if not fitting:
        raise DesignError(f"{design.name}: expected a layer whose parameters fit those of {name}, found none")
    for one, array in fitting.items():
        network.set_weight(one, array)
    place = RunProgress(learning_rate=design.training.optimiser.lr)
    return NetworkState(network.design, network.arrays, place)


def taken_of(state: NetworkState, moment: NetworkState) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Layers of a branch that took all their parameters from the moment, and the others, in order."""
    shapes = {name: array.shape for name, array in moment.arrays.items()}
    layers, found = {one.name for one in state.design.layers}, dict[str, bool]()
    for name, array in state.arrays.items():
        layer = name.partition(".")[0]
        if layer in layers:
            found[layer] = found.get(layer, True) and shapes.get(name) == array.shape
    return tuple(one for one, fits in found.items() if fits), tuple(one for one, fits in found.items() if not fits)


def parent_of(recording: Recording, step: int) -> Parent:
    """The record of where a branch began."""
    return Parent(recording.head.id, recording.path.name, step)


def open_branch(
    command: Branch,
    current: OpenData | None,
    threads: int,
    cancelled: Cancelled,
    told: Told,
) -> OpenedModel | OtherData:
    """Replay a recorded run to a step, and make a trainer that goes on from there.

    Raises
    ------
    ConvvizError, ValueError, OSError
        The recording can't be opened, or has no such step; or its data is not found.
    """
    if command.data is not None:
        current = open_data(command.data, cancelled)
    opened = open_recording(command.path, current, command.known_files, cancelled)
    with opened.recording as recording, lineage(recording, command.step) as generations:
        data = opened.data
        if data is None:
            raise RecordingError(opened.missing)
        with Replayer(recording, data.train, data.test, threads=threads) as replayer:
            passed = on_the_way(command.step, told)
            state = branched(replayer, command.step, command.design, cancelled, passed)
            taken, anew = ((), ()) if state.place.step else taken_of(state, replayer.state())
            end = RecordedEnd(None, replayer.gradients(), starts_of(generations)) if state.place.step else None
        trainer = resumed_trainer(state, data, threads)
        past = None
        if state.place.step:
            past = recorded_run(generations, branch_step=command.step)
        origin = Origin(
            f"{name_of_recording(recording)} at step {command.step:,}",
            trainer.position,
            goes_on=state.place.step > 0,
            epochs=state.epochs,
            losses=state.place.losses,
            recorded=past,
            is_branch=True,
            taken=taken,
            anew=anew,
        )
        return OpenedModel(trainer, data, origin, state.seconds, parent_of(recording, command.step), end)
