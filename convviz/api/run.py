"""A run: a network, the position that its training has reached, and the measurements so far."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.network import Network
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.model_files import load_model, save_model
from convviz.storage.network_state import EpochMeasures, NetworkState, RunProgress
from convviz.storage.recording.head import Parent

__all__ = ["Run", "load", "save"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A network, and the state of its training.

    Parameters
    ----------
    network : Network
        ``arrays`` has every array by name; ``design`` describes the network.
    state : NetworkState
        The complete state; its arrays are the network's own.
    parent : Parent, optional
        The moment of a recorded run that it branched from: its ``id`` and ``step``.
    """

    network: Network
    state: NetworkState
    parent: Parent | None = None

    @classmethod
    def of(cls, state: NetworkState) -> Run:
        """A run from a state, with a new network that has a copy of the state's arrays."""
        network = Network(state.design, precision=state.precision, weights=state.arrays)
        return cls(network, dataclasses.replace(state, design=network.design, arrays=network.arrays))

    @property
    def design(self) -> Design:
        """The network's design, with the settings of its training."""
        return self.network.design

    @property
    def history(self) -> tuple[EpochMeasures, ...]:
        """Losses, accuracies and seconds of every epoch."""
        return self.state.epochs

    @property
    def place(self) -> RunProgress:
        """Epoch, minibatch and step."""
        return self.state.place

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self.state.seconds

    @property
    def data(self) -> DataFingerprint | None:
        """Fingerprint of the data set; None for a network that was not trained."""
        return self.state.data

    @property
    def finished(self) -> bool:
        """Whether all epochs of the design are done."""
        return self.place.evaluated >= self.design.training.epochs

    @property
    def weights(self) -> dict[str, Array]:
        """The trained arrays, by name: ``conv1.weight`` (F, C, KH, KW), ``dense1.bias`` (units,) …"""
        return {name: self.network.arrays[name] for name in self.network.parameters}

    def with_epochs(self, epochs: int) -> Run:
        """A copy of the run with another total number of epochs; it shares no array with this one."""
        design = self.design
        longer = replace(design, training=replace(design.training, epochs=epochs))
        return dataclasses.replace(Run.of(dataclasses.replace(self.state, design=longer)), parent=self.parent)


def network_of(what: object, asked: str) -> Network:
    """The network of a run, or the network itself, for the function that is named.

    Raises
    ------
    TypeError
        It is neither.
    """
    if isinstance(what, Run):
        return what.network
    if isinstance(what, Network):
        return what
    hint = "; convviz.Network(design) makes an untrained one" if isinstance(what, Design) else ""
    hint = "; convviz.load(path) opens one" if isinstance(what, str | Path) else hint
    raise TypeError(f"{asked}: expected a Network or Run, got {type(what).__name__}{hint}")


def untrained(what: Design | Network) -> Run:
    """A run that has not begun; a given network is copied, so that training doesn't change it."""
    network = what if isinstance(what, Network) else Network(what)
    place = RunProgress(learning_rate=network.design.training.optimiser.lr)
    return Run.of(NetworkState(network.design, network.arrays, place))


def save(path: str | Path, what: Run | Network) -> None:
    """Save a network, or a whole run, to a file.

    An existing model is replaced atomically: whatever happens, the file is either the old or the new one.

    Parameters
    ----------
    path : str or Path
        A name ending in ``.npz`` saves only the weights, for NumPy; any other name saves the whole run.
    what : Run or Network

    Raises
    ------
    CheckpointError
        A number is NaN or infinite, the existing file is not a model, or the file can't be written.

    Examples
    --------
    >>> import convviz, tempfile, pathlib
    >>> network = convviz.Network(convviz.preset("toy-4x4"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "toy.h5"
    ...     convviz.save(path, network)
    ...     again = convviz.load(path).network
    >>> bool((again.arrays["conv1.weight"] == network.arrays["conv1.weight"]).all())
    True
    """
    run = untrained(what) if isinstance(what, Network) else what
    save_model(Path(path), run.state)


def load(path: str | Path) -> Run:
    """Read a file written by :func:`save`, ``convviz train --save`` or the window.

    Nothing in the file is trusted before it is checked; nothing in it is ever executed.

    Raises
    ------
    CheckpointError
        One sentence: the file, the field, what was expected and what was found.
    """
    return Run.of(load_model(Path(path)))
