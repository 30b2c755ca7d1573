"""What Build is told: the design of a network that was made, the data that training will use, and how the run goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from convviz.data.sources import ToyImages
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.run.messages import Prepared
from convviz.run.opening import open_data
from convviz.training.images import Split

if TYPE_CHECKING:
    from convviz.gui.workspaces.builder.workspace import BuildWorkspace

Told = tuple[str, int, int, tuple[int, int, int], int, npt.NDArray[np.float32]]
"""A data set as Build knows it: name, images, their shape, classes, one of them."""


class BuildLink(QObject):
    """Keeps Build in step with the run, from when it is there.

    Parameters
    ----------
    run : RunModel
    follower : DesignFollower
        Knows which data waits for Train beside a trained network.
    selection : WatchedModel
        The image that Build shows as an example.
    """

    def __init__(
        self, run: RunModel, follower: DesignFollower, selection: WatchedModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._run, self._follower, self._selection = run, follower, selection
        self._build: BuildWorkspace | None = None
        self._told = ""
        """Data set that Build knows of."""
        self._known: dict[str, Told] = {}
        run.progressed.connect(self.tell_run)
        follower.changed.connect(self._tell_waiting_data)
        follower.changed.connect(self.tell_run)

    def attach(self, build: BuildWorkspace) -> None:
        """Build is there now."""
        self._build = build
        self.tell_data()
        self.tell_run()

    def prepared(self, message: Prepared) -> None:
        """A network was made: Build has its design, and its data."""
        self._show_design(message)
        self.tell_data()

    def tell_run(self) -> None:
        """How the run goes."""
        if self._build is not None:
            self._build.set_run(self._run.standing(), self._run.timed)

    def tell_data(self) -> None:
        """The data set that is open."""
        run = self._run
        if run.train is None or run.test is None:
            return
        told = facts_of(run.data_name, run.train, run.test, self._selection.value.sample)
        self._known[run.data_name] = told
        self._tell(told)

    def _show_design(self, message: Prepared) -> None:
        document = self._build.document if self._build is not None else None
        if document is None or document.design == message.design:
            return
        if message.origin is not None:
            document.replace(message.design, f"open {message.origin.name}")
        elif self._follower.wanted is None and document.costs.valid:
            document.edit(message.design, "data set")

    def _tell_waiting_data(self) -> None:
        """Beside a trained network Build sees the data that Train will open, before it does."""
        if self._build is None or not self._run.is_trained:
            return
        choice = self._follower.data
        name = choice.name if choice is not None else self._run.data_name
        if name == self._told:
            return
        if isinstance(choice, ToyImages) and name not in self._known:
            toy = open_data(choice)  # two images, made on the spot
            self._known[name] = facts_of(name, toy.train, toy.test, 0)
        if name in self._known:
            self._tell(self._known[name])

    def _tell(self, told: Told) -> None:
        if self._build is not None:
            self._told = told[0]
            self._build.set_data(*told)


def facts_of(name: str, train: Split, test: Split, sample: int) -> Told:
    """What Build needs to know of a data set; ``sample`` is the test image that it shows."""
    shape = train.images.shape
    classes = int(max(train.labels.max(), test.labels.max())) + 1
    image = (int(shape[1]), int(shape[2]), int(shape[3]))
    return name, len(train), len(test), image, classes, np.array(test.images[min(sample, len(test) - 1)])
