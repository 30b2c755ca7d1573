"""Sessions for tests of models: begun, driven, and what they answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec.structs import replace as changed

from convviz.core.design import Design, Input, Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine
from convviz.data import save_hdf5
from convviz.data.dataset import Dataset
from convviz.run import commands, messages
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.images import Split
from tests.support.drained import drain
from tests.support.small_run import in_memory

DESIGN = Design(
    name="memory",
    input=Input(height=8, width=8),
    layers=(Conv2D(filters=3), BatchNorm2D(), ReLU(), Flatten(), Dropout(), Dense(units=10)),
    training=Training(optimiser=Adam(), batch_size=7, epochs=3, schedule=Cosine(warmup=4), clip_norm=1.0),
).named()
"""Everything that has a memory: running statistics, Adam's means, masks, a schedule; and a smaller last minibatch."""


def noise(count: int = 25, side: int = 8, seed: int = 0) -> tuple[Split, Split]:
    rng = np.random.default_rng(seed)
    train = Split(rng.random((count, 1, side, side), np.float32), rng.integers(0, 10, count))
    return train, train.first(9)


DATA = in_memory("noise", *noise())
OTHER = in_memory("other noise", *noise(seed=1))
SMALL = in_memory("small images", *noise(side=6))


def begun(sessions: list[Session], data: Dataset | None = DATA, design: Design = DESIGN) -> Session:
    session = Session(threads=2)
    run_in_thread(session)
    sessions.append(session)
    if data is not None:
        session.send(commands.Prepare(design, data))
        drain(session, is_state(State.IDLE))
    return session


def is_state(state: State):
    return lambda message: message == messages.StateChanged(state)


def is_a(*kinds: type):
    return lambda message: isinstance(message, kinds)


def steps(session: Session, count: int) -> list[object]:
    found: list[object] = []
    for _ in range(count):
        session.send(commands.StepMinibatch())
        found += drain(session, is_state(State.PAUSED))
    return found


def kept(session: Session, path: Path) -> messages.Saved:
    session.send(commands.Keep(path))
    answer = drain(session, is_a(messages.Saved, messages.NotSaved))[-1]
    assert isinstance(answer, messages.Saved), answer
    return answer


def opened(session: Session, path: Path, **options) -> messages.Prepared | messages.OtherData:
    session.send(commands.OpenModel(path, **options))
    answer = drain(session, is_a(messages.Prepared, messages.OtherData, messages.Failed))[-1]
    assert not isinstance(answer, messages.Failed), answer
    return answer


def arrays_of(session: Session) -> dict[str, np.ndarray]:
    session.send(commands.Inspect())
    return dict(drain(session, is_a(messages.Inspected))[-1].arrays)


def finish(session: Session, command: commands.Command) -> list[object]:
    session.send(command)
    return drain(session, is_a(messages.RunEnded))


def told(found: list[object]) -> list[object]:
    return [message for message in found if isinstance(message, MinibatchDone | EpochDone)]


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name


def replace_epochs(design: Design, epochs: int) -> Design:
    return changed(design, training=changed(design.training, epochs=epochs))


def sized(design: Design, train_size: int, test_size: int) -> Design:
    return changed(design, training=changed(design.training, train_size=train_size, test_size=test_size))


def small(design: Design) -> Design:
    return changed(design, input=Input(height=6, width=6))


def written(path: Path, data: Dataset) -> Path:
    save_hdf5(path, data)
    return path


def vars_of(split: Split) -> tuple[np.ndarray, np.ndarray]:
    return split.images, split.labels
