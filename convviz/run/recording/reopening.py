"""Opening a recorded run as if it had just been stopped: with its curves, and ready to go on from its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from convviz.core.arrays import Array
from convviz.files.cancel import Cancelled
from convviz.run.commands import OpenRecording
from convviz.run.messages import Origin
from convviz.run.opening import (
    OpenData,
    OpenedModel,
    RecordedEnd,
    open_data,
    resumed_trainer,
    stand_in,
    trainer_with_weights,
)
from convviz.run.recorded_run import RecordedRun
from convviz.run.recording.lineage import Generation, curves_of, lineage, parts_of
from convviz.run.recording.opening import open_recording
from convviz.run.recording.replay import Replayer
from convviz.run.recording.way import Told, on_the_way
from convviz.storage.network_state import NetworkState
from convviz.storage.recording.folder import is_named_by_us
from convviz.storage.recording.names import given_name
from convviz.storage.recording.read import Recording
from convviz.storage.recording.rows import place_at
from convviz.training.events import Position
from convviz.training.layer_measures import main_parameter

__all__ = ["main_parameters", "open_recorded", "recorded_run", "starts_of"]


def open_recorded(
    command: OpenRecording,
    current: OpenData | None,
    threads: int,
    cancelled: Cancelled,
    told: Told,
) -> OpenedModel:
    """Open a recording, and make a trainer that goes on from its end; without its data, one with other images.

    Parameters
    ----------
    command : OpenRecording
    current : OpenData or None
        The data set that is open.
    threads : int
    cancelled : callable
    told : callable
        Called with the minibatches that were replayed from the last key point on, and with how many there are.

    Raises
    ------
    ConvvizError, ValueError, OSError
        It can't be opened.
    """
    if command.data is not None:
        current = open_data(command.data, cancelled)
    opened = open_recording(command.path, current, command.known_files, cancelled)
    with opened.recording as recording, lineage(recording, known=command.known_runs) as generations:
        if opened.data is None:
            return without_data(recording, generations, opened.missing, current, threads)
        return with_data(recording, generations, opened.data, threads, cancelled, told)


def with_data(
    recording: Recording,
    generations: Sequence[Generation],
    data: OpenData,
    threads: int,
    cancelled: Cancelled,
    told: Told,
) -> OpenedModel:
    """The run at its end, as it was when it stopped."""
    end, begin = recording.last_step, recording.head.begin
    is_edited = any(event.kind == "weights" and event.step == end for event in recording.events())
    last, differs, passed = None, "", on_the_way(end, told)
    with Replayer(recording, data.train, data.test, threads=threads) as replayer:
        if end > begin and not is_edited:
            last = replayer.minibatch(end, cancelled=cancelled, passed=passed)
        else:
            replayer.go_to(end, cancelled=cancelled, passed=passed)
        gradients, state = replayer.gradients(), replayer.state()
        if not replayer.agreement.is_exact:
            differs = replayer.agreement.words
    point = recording.key_point_before(end)
    if point.step == end:
        state = replace(state, arrays=recording.state(point).arrays)  # the recorded bits, wherever it is opened
    trainer = resumed_trainer(state, data, threads)
    found = recorded_run(generations, differs=differs)
    name, at = name_of(recording), trainer.position
    origin = Origin(name, at, goes_on=True, epochs=state.epochs, losses=state.place.losses, recorded=found)
    return OpenedModel(trainer, data, origin, state.seconds, end=RecordedEnd(last, gradients, starts_of(generations)))


def without_data(
    recording: Recording, generations: Sequence[Generation], missing: str, current: OpenData | None, threads: int
) -> OpenedModel:
    """The last network that is in the recording itself, on other images."""
    end = recording.last_step
    point = recording.key_point_before(end)
    state = recording.state(point)
    data, has_images = stand_in(state.design, current)
    trainer = trainer_with_weights(state, data, threads)
    found = recorded_run(generations, missing=missing, has_images=has_images)
    at = position_at(recording, end, state)
    origin = Origin(name_of(recording), at, goes_on=False, epochs=recording.epochs_until(end), recorded=found)
    there = position_at(recording, point.step, state)
    return OpenedModel(trainer, data, origin, state.seconds, end=RecordedEnd(None, {}, starts_of(generations), there))


def position_at(recording: Recording, step: int, state: NetworkState) -> Position:
    """Position of a run after so many minibatches."""
    minibatches = recording.head.minibatches
    place = place_at(step, minibatches, len(recording.epochs()))
    return Position(place.epoch, place.minibatch, step, state.design.training.epochs, minibatches)


def name_of(recording: Recording) -> str:
    """The name of a run: the user's, or that of its file, if the user chose it."""
    path = recording.path
    if given := given_name(recording):
        return given
    return recording.head.name or path.stem if is_named_by_us(path) else path.name


def recorded_run(
    generations: Sequence[Generation],
    *,
    branch_step: int | None = None,
    missing: str = "",
    has_images: bool = True,
    differs: str = "",
) -> RecordedRun:
    """The facts about a recording, the last of its lineage."""
    recording = generations[-1].recording
    head = recording.head
    return RecordedRun(
        recording.path,
        head.id,
        head.created,
        recording.ended,
        parts_of(generations),
        branch_step,
        missing,
        has_images,
        differs,
        curves_of(generations),
    )


def starts_of(generations: Sequence[Generation]) -> dict[str, Array]:
    """Main parameters at the beginning of a run; empty if no recording has them."""
    recording = generations[0].recording
    if recording.head.begin:
        return {}
    return main_parameters(recording.state(recording.key_points()[0]).arrays)


def main_parameters(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The parameters that layers are measured by. They are read-only from now on, so no trainer may use them."""
    layers = dict.fromkeys(name.rpartition(".")[0] for name in arrays if "." in name)
    found = {name: arrays[name] for layer in layers if (name := main_parameter(layer, arrays))}
    for array in found.values():
        array.setflags(write=False)
    return found
