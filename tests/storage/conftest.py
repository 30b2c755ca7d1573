"""A small run, and files of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from convviz.core.design import Design, Input, Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.network import Network
from convviz.core.optim import Adam
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.formats.checkpoint_write import save_checkpoint
from convviz.storage.network_state import EpochMeasures, NetworkState, RunProgress

DESIGN = Design(
    name="small",
    input=Input(height=6, width=6),
    classes=3,
    layers=(Conv2D(filters=2), BatchNorm2D(), ReLU(), Flatten(), Dropout(), Dense(units=3)),
    training=Training(optimiser=Adam(), batch_size=8, epochs=3),
).named()
DATA = DataFingerprint("noise", 20, 5, "0" * 64, "1" * 64)
ROW = EpochMeasures(1.5, 1.25, 0.5, 1.75, 0.4, 12.5)


def small_checkpoint() -> NetworkState:
    """In the second epoch, after two of three minibatches."""
    return NetworkState(
        DESIGN, Network(DESIGN).arrays, RunProgress(2, 2, 5, 1, (1.25, 1.125), 0.002), (ROW,), 20.5, DATA
    )


@pytest.fixture
def checkpoint() -> NetworkState:
    return small_checkpoint()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.h5"


@pytest.fixture
def kept(path: Path, checkpoint: NetworkState) -> Path:
    """A good file."""
    save_checkpoint(path, checkpoint)
    return path
