"""A run: a network, where its training stands, and what was measured on the way."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.network import Network
from convviz.storage.checkpoint import Checkpoint, DataPrint, EpochRow, Place
from convviz.storage.formats.checkpoint_read import load_checkpoint
from convviz.storage.formats.checkpoint_write import save_checkpoint
from convviz.training.standing import Standing

__all__ = ["Run", "load", "save"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A network, and where its training stands.

    Parameters
    ----------
    network : Network
        ``arrays`` holds every array by name, ``design`` what it is.
    history : tuple of EpochRow
        ``loss``, ``train_loss``, ``train_accuracy``, ``test_loss``, ``test_accuracy`` and ``seconds`` of every epoch.
    standing : Standing
        Epoch, minibatch and step.
    seconds : float
        Time of training so far.
    data : DataPrint or None
        By what the data set is known again; None for a network that was not trained.
    """

    network: Network
    history: tuple[EpochRow, ...] = ()
    standing: Standing = field(default_factory=Standing)
    seconds: float = 0.0
    data: DataPrint | None = None

    @property
    def design(self) -> Design:
        """The network's design, with the settings of its training."""
        return self.network.design

    @property
    def finished(self) -> bool:
        """Whether all epochs of the design are done."""
        return self.standing.evaluated >= self.design.training.epochs

    @property
    def weights(self) -> dict[str, Array]:
        """What is trained, by name: ``conv1.weight`` (F, C, KH, KW), ``dense1.bias`` (units,) …"""
        return {name: self.network.arrays[name] for name in self.network.parameters}

    def with_epochs(self, epochs: int) -> Run:
        """The same run, to be trained for another number of epochs in all; it shares no array with this one."""
        design = self.design
        longer = replace(design, training=replace(design.training, epochs=epochs))
        return dataclasses.replace(self, network=copied(self.network, longer))


def untrained(what: Design | Network) -> Run:
    """A run that has not begun; a network is copied, so that training leaves the given one as it is."""
    network = Network(what) if isinstance(what, Design) else copied(what, what.design)
    return Run(network, standing=Standing(learning_rate=network.design.training.optimiser.lr))


def copied(network: Network, design: Design) -> Network:
    """A network with the same numbers; of another design only where no array differs."""
    return Network(design, precision=network.precision, weights=network.arrays)


def save(path: str | Path, what: Run | Network) -> None:
    """Keep a network, or a whole run, in an HDF5 file.

    A checkpoint that is there is replaced in one go: whatever happens, the old or the new one is there, whole.

    Parameters
    ----------
    path : str or Path
    what : Run or Network

    Raises
    ------
    CheckpointError
        A number is NaN or infinite, something else than a checkpoint is there, or the file can't be written.

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
    from convviz import __version__

    run = untrained(what) if isinstance(what, Network) else what
    s = run.standing
    place = Place(s.epoch, s.minibatch, s.step, s.losses, s.learning_rate, run.seconds)
    made = Checkpoint(run.design, run.network.arrays, place, run.history, run.data)
    save_checkpoint(Path(path), made, written_by=f"convviz {__version__}")


def load(path: str | Path) -> Run:
    """Read what :func:`save`, ``convviz train --save`` or the window kept.

    Nothing in the file is believed before it is checked; nothing in it is ever executed.

    Raises
    ------
    CheckpointError
        One sentence: the file, the field, what was expected and what came.
    """
    found = load_checkpoint(Path(path))
    precision = next(iter(found.arrays.values())).dtype
    p = found.place
    return Run(
        Network(found.design, precision=precision, weights=found.arrays),
        found.curves,
        Standing(p.epoch, p.minibatch, p.step, len(found.curves), p.losses, p.learning_rate),
        p.seconds,
        found.data,
    )
