"""A run: a network, where its training is, and what was measured on the way."""

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
from convviz.storage.network_state import EpochMeasures, NetworkState, Place

__all__ = ["Run", "load", "save"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A network, and where its training is.

    Parameters
    ----------
    network : Network
        ``arrays`` holds every array by name, ``design`` what it is.
    state : NetworkState
        All that is known of it; its arrays are the network's own.
    """

    network: Network
    state: NetworkState

    @classmethod
    def of(cls, state: NetworkState) -> Run:
        """A run with a network of its own, that has the numbers of a state."""
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
    def place(self) -> Place:
        """Epoch, minibatch and step."""
        return self.state.place

    @property
    def seconds(self) -> float:
        """Time of training so far."""
        return self.state.seconds

    @property
    def data(self) -> DataFingerprint | None:
        """How the data set is recognised; None for a network that was not trained."""
        return self.state.data

    @property
    def finished(self) -> bool:
        """Whether all epochs of the design are done."""
        return self.place.evaluated >= self.design.training.epochs

    @property
    def weights(self) -> dict[str, Array]:
        """What is trained, by name: ``conv1.weight`` (F, C, KH, KW), ``dense1.bias`` (units,) …"""
        return {name: self.network.arrays[name] for name in self.network.parameters}

    def with_epochs(self, epochs: int) -> Run:
        """The same run, to be trained for another number of epochs in all; it shares no array with this one."""
        design = self.design
        longer = replace(design, training=replace(design.training, epochs=epochs))
        return Run.of(dataclasses.replace(self.state, design=longer))


def untrained(what: Design | Network) -> Run:
    """A run that has not begun; a network is copied, so that training leaves the given one as it is."""
    network = what if isinstance(what, Network) else Network(what)
    place = Place(learning_rate=network.design.training.optimiser.lr)
    return Run.of(NetworkState(network.design, network.arrays, place))


def save(path: str | Path, what: Run | Network) -> None:
    """Keep a network, or a whole run, in a file.

    A model that is there is replaced in one go: whatever happens, the old or the new one is there, whole.

    Parameters
    ----------
    path : str or Path
        A name that ends in ``.npz`` keeps the weights alone, for NumPy; any other name the whole run.
    what : Run or Network

    Raises
    ------
    CheckpointError
        A number is NaN or infinite, something else than a model is there, or the file can't be written.

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
    """Read what :func:`save`, ``convviz train --save`` or the window kept.

    Nothing in the file is believed before it is checked; nothing in it is ever executed.

    Raises
    ------
    CheckpointError
        One sentence: the file, the field, what was expected and what came.
    """
    return Run.of(load_model(Path(path)))
