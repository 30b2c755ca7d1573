"""Training: the same code that ``convviz train`` runs."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from convviz.api.run import Run, save, untrained
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.network import Network
from convviz.data.dataset import Dataset
from convviz.data.given import check_data
from convviz.files.claim import claimed
from convviz.files.errors import OutputError
from convviz.files.outputs import check_output
from convviz.plurals import counted
from convviz.run.breakpoints.condition import Breakpoint, Hit
from convviz.run.breakpoints.grammar import points_of
from convviz.run.breakpoints.watcher import Watcher
from convviz.run.opening import OpenData, split_of
from convviz.run.recording.earlier import earlier_recording
from convviz.run.recording.recorder import Recorder
from convviz.run.recording.recordings import record_of
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.model_files import can_save
from convviz.storage.network_state import RunProgress
from convviz.storage.recording.copying import recording_output
from convviz.storage.recording.rows import RunEvent
from convviz.training.events import Compiling, EpochDone, Event, Held
from convviz.training.known_fingerprint import fingerprint_of
from convviz.training.layer_measures import LayerMeasures, judged_images, layer_measures
from convviz.training.room import check_room_to_train
from convviz.training.trainer import Trainer
from convviz.training.workbench import Workbench

__all__ = ["OtherDataError", "RecordingWarning", "train"]


class RecordingWarning(UserWarning):
    """A run goes on although its recording has ended."""


class OtherDataError(ConvvizError, ValueError):
    """A run cannot continue with a data set that it was not trained on."""


def train(
    what: Design | Network | Run,
    data: Dataset,
    *,
    epochs: int | None = None,
    on_event: Callable[[Event | Hit], object] | None = None,
    on_layers: Callable[[tuple[LayerMeasures, ...], str], object] | None = None,
    stop: Callable[[], bool] | None = None,
    save_to: str | Path | None = None,
    record: str | Path | None = None,
    breakpoints: Sequence[str | Breakpoint] = (),
    threads: int = 2,
    bench: Workbench | None = None,
) -> Run:
    """Train a network.

    Parameters
    ----------
    what : Design, Network or Run
        A design is trained from initial weights, a network from its own weights, and a run continues as if it had never
        stopped. The given object itself doesn't change.
    data : Dataset
        The design's ``train_size`` and ``test_size`` take the first images of it.
    epochs : int, optional
        Total number of epochs; the design's unless given.
    on_event : callable, optional
        Called with a ``Compiling`` for each kernel that has to be compiled first, a ``MinibatchDone`` after every
        update, ``Evaluating`` repeatedly during the evaluation at the end of an epoch, and an ``EpochDone`` after it.
    on_layers : callable, optional
        Called after every epoch's event with measures of the layers, such as how many units are silent, and with words
        for the images that they were measured on: ``"256 test images"``.
    stop : callable, optional
        Called after every event; returning True ends the run there, and it can be continued later.
    save_to : str or Path, optional
        Save the run to this file after every epoch, and when it stops.
    record : str or Path, optional
        Record the run in this file (``run.cvz``), so that any of its minibatches can be replayed:
        :func:`convviz.open_run`. If a resumed run was recorded in this file, the recording is continued. If the disk
        gets full, recording ends with a warning, and training goes on.
    breakpoints : sequence of str or Breakpoint
        Conditions such as ``"loss > 5"`` (``convviz train --help`` lists them). Where one becomes true the run ends
        before that minibatch's update, and can be continued. ``on_event`` gets the ``Hit``.
    threads : int
        The result is the same with any number.
    bench : Workbench, optional
        Runs that are trained one after another with the same workbench reuse its threads and memory. The next one may
        overwrite the arrays of the network that this one returns.

    Returns
    -------
    Run
        ``network`` and ``history``.

    Raises
    ------
    DataError
        The pixels do not lie in 0…1 (images of at most 4×4 pixels may hold any finite numbers).
    DesignError
        The network is impossible, or does not fit the data.
    NonFiniteError
        NaN or infinity arose; the message names the step.
    OtherDataError
        A run was given a data set that it was not trained on.
    CheckpointError
        The file can't be written; checked before the first minibatch.
    OutputError
        Another run saves its network to that file, or records itself there; or the recording can't be written.
    ConditionError
        A breakpoint can't be read, or asks for an array that the network doesn't have.

    Examples
    --------
    >>> import convviz
    >>> data = convviz.load_data().take(train_size=128, test_size=32)
    >>> run = convviz.train(convviz.preset("course-7x7"), data, epochs=2)
    >>> len(run.history), run.network.arrays["conv1.weight"].shape
    (2, (32, 1, 7, 7))
    """
    check_data(data)
    run = run_from(what, threads)
    points = points_of(breakpoints, run.design)
    if epochs is not None:
        run = run.with_epochs(epochs)
    nbytes = sum(array.nbytes for array in run.network.arrays.values())
    splits = split_of(data, "training"), split_of(data, "test")
    with ExitStack() as stack:
        if save_to is not None:
            can_save(Path(save_to), nbytes)
            stack.enter_context(claimed(Path(save_to)))
        trainer = stack.enter_context(Trainer(run.design, *splits, network=run.network, threads=threads, bench=bench))
        images = data.name, trainer.train, trainer.test
        used = fingerprint_of(*images) if bench is None else bench.fingerprint(*images)
        refuse_other_data(run, used)
        trainer.go_on_from(run.place)
        run = with_state(run, data=used, weights_only=False)
        recorder = None
        if record is not None:
            recorder = stack.enter_context(recording(Path(record), trainer, run, data, threads))
        watcher = watcher_for(points, trainer, data, recorder, on_event)
        return train_to_end(trainer, run, on_event, stop, save_to, recorder, watcher, on_layers)


def watcher_for(
    points: Sequence[Breakpoint],
    trainer: Trainer,
    data: Dataset,
    recorder: Recorder | None,
    on_event: Callable[[Event | Hit], object] | None,
) -> Watcher:
    """Watch the trainer for breakpoints; hits are recorded, and passed to ``on_event``."""

    def told(hit: Hit) -> None:
        if recorder is not None:
            recorder.add(RunEvent(hit.step - 1, "hit" if hit.breakpoint.holds else "mark", hit.sentence))
        if on_event is not None:
            on_event(hit)

    watcher = Watcher(points, told, class_names=tuple(data.class_names))
    watcher.follow(trainer)
    return watcher


def run_from(what: object, threads: int = 2) -> Run:
    """A new run to train; the given object doesn't change.

    Raises
    ------
    DesignError
        It needs more memory than is free.
    TypeError
        It can't be trained.
    """
    if isinstance(what, Run):
        return dataclasses.replace(Run.of(what.state), parent=what.parent)
    if isinstance(what, Design):
        check_room_to_train(what, threads)
        return untrained(what)
    if isinstance(what, Network):
        return untrained(what)
    hint = "; convviz.preset(name) gives a preset's design" if isinstance(what, str) else ""
    raise TypeError(f"train: expected a Design, Network or Run, got {type(what).__name__}{hint}")


def train_to_end(
    trainer: Trainer,
    run: Run,
    on_event: Callable[[Event | Hit], object] | None,
    stop: Callable[[], bool] | None,
    save_to: str | Path | None,
    recorder: Recorder | None = None,
    watcher: Watcher | None = None,
    on_layers: Callable[[tuple[LayerMeasures, ...], str], object] | None = None,
) -> Run:
    """Train to the end, until ``stop`` returns True, or until a breakpoint holds."""
    began = time.perf_counter() - run.seconds
    kept: RunProgress | None = None
    has_warned = False
    for event in trainer.run():
        if isinstance(event, Compiling):
            began = time.perf_counter() - run.seconds  # compiling doesn't count as training
        seconds = time.perf_counter() - began
        if recorder is not None:
            recorder.heard(event, seconds)
            has_warned = warned(recorder, has_warned)
        if isinstance(event, EpochDone):
            epochs = *run.history, event.measures(seconds)
            run = with_state(run, epochs=epochs, place=trainer.place(), seconds=seconds)
            if save_to is not None:
                # Saved before the event: a listener can rely on the epoch being saved.
                save(save_to, run)
                kept = run.place
        if on_event is not None:
            on_event(event)
        if on_layers is not None and isinstance(event, EpochDone):
            images = judged_images(trainer.train, trainer.test)
            words = counted(len(images), f"{'test' if len(trainer.test) else 'training'} image")
            on_layers(layer_measures(trainer.network, images), words)
        holds = isinstance(event, EpochDone) and watcher is not None and watcher.epoch_done(event)
        if holds or isinstance(event, Held) or (stop is not None and stop()):
            break
    if trainer.place() != kept:
        run = with_state(run, place=trainer.place(), seconds=time.perf_counter() - began)
        if save_to is not None:
            save(save_to, run)
    return run


def with_state(run: Run, **changes: Any) -> Run:
    """The same network, with changes to the state of its training."""
    return dataclasses.replace(run, state=dataclasses.replace(run.state, **changes))


@contextmanager
def recording(path: Path, trainer: Trainer, run: Run, data: Dataset, threads: int) -> Iterator[Recorder]:
    """Record a run while the block trains.

    Raises
    ------
    OutputError
        The file can't be written, or is the recording of another run than the branch that is trained.
    """
    check_output(recording_output(path))
    earlier = None
    if run.place.step and path.exists() and path.stat().st_size:
        if run.parent is not None:
            raise OutputError(f"{path}: expected a new file for the recording of a branch, got that of another run")
        earlier = earlier_recording(path, run.state)
    splits = split_of(data, "training"), split_of(data, "test")
    record = record_of(OpenData(data.name, *splits, data.class_names, data))
    if run.data is not None:
        record = record.with_print(run.data)
    recorder = Recorder(
        path,
        trainer,
        record,
        threads=threads,
        parent=run.parent,
        epochs=run.history,
        seconds=run.seconds,
        earlier=earlier,
    )
    problem = recorder.wait_open()
    if problem:
        recorder.close()
        raise OutputError(problem)
    reason = ""
    has_failed = False
    try:
        yield recorder
        has_failed = bool(recorder.failure)
    except ConvvizError as error:
        reason = str(error)
        raise
    finally:
        recorder.ended(finished=not trainer.has_more, reason=reason)
        recorder.close()
        warned(recorder, has_failed)


def warned(recorder: Recorder, already: bool) -> bool:
    """Warn, unless that was done ``already``, that recording has failed; returns whether it has failed."""
    if recorder.failure and not already:
        warnings.warn(f"{recorder.failure}; training goes on, unrecorded", RecordingWarning, stacklevel=2)
    return bool(recorder.failure)


def refuse_other_data(run: Run, data: DataFingerprint) -> None:
    """Refuse to continue with a data set that the run was not trained on.

    Raises
    ------
    OtherDataError
    """
    problem = run.data.difference(data) if run.data is not None and run.place.step else ""
    if problem:
        raise OtherDataError(f"data: {problem}")
