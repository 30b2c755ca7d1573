"""Connects the edited design and the run: edits go to the run; its new networks and data come back."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QSignalBlocker

from convviz.core.design import Design
from convviz.data.sources import ToyImages
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.present.design.data_facts import DataFacts
from convviz.run.messages import Prepared
from convviz.run.opening import open_data
from convviz.training.images import Split


class DesignBinding(QObject):
    """Keeps the edited design and its data in step with the run.

    Parameters
    ----------
    edited : EditedDesign
    run : RunModel
    follower : DesignFollower
        Passes edits on to the session; while a trained network is open, knows which data set Train will open.
    watched : WatchedModel
        The watched image serves as the example of its data set.
    """

    def __init__(self, edited: EditedDesign, run: RunModel, follower: DesignFollower, watched: WatchedModel) -> None:
        super().__init__(edited)
        self._edited, self._run, self._follower, self._watched = edited, run, follower, watched
        self._known: dict[str, DataFacts] = {}
        edited.changed.connect(self._follow)
        follower.made.connect(self._made)
        follower.changed.connect(self._show_waiting_data)

    def begin_with(self, design: Design) -> None:
        """Set the first design, for the run and for editing, before there is a network."""
        self._run.design = design
        with QSignalBlocker(self._edited.document):  # the run already has it
            self._edited.document.reset(design)

    def _follow(self) -> None:
        edited = self._edited
        self._follower.follow(edited.design, trainable=edited.is_trainable, possible=edited.is_possible)

    def _made(self, message: Prepared) -> None:
        document = self._edited.document
        if document.design != message.design:
            if message.origin is not None:
                document.replace(message.design, f"open {message.origin.name}", told=False)
            elif self._follower.wanted is None and document.costs.valid:
                document.edit(message.design, "data set")
        sample = self._watched.value.sample
        facts = facts_of(message.data_name, message.train, message.test, sample, stands_in=message.stands_in)
        self._known[message.data_name] = facts
        self._edited.set_data(facts)

    def _show_waiting_data(self) -> None:
        """While a trained network is open, show the data that Train will open."""
        if not self._run.is_trained:
            return
        choice, at = self._follower.data, self._edited.data
        name = choice.name if choice is not None else self._run.data_name
        if at is not None and name == at.name:
            return
        if isinstance(choice, ToyImages) and name not in self._known:
            toy = open_data(choice)  # two images, made on the spot
            self._known[name] = facts_of(name, toy.train, toy.test, 0)
        if name in self._known:
            self._edited.set_data(self._known[name])


def facts_of(name: str, train: Split, test: Split, sample: int, *, stands_in: bool = False) -> DataFacts:
    """A few facts about a data set; ``sample`` is the row of the test image that serves as example."""
    shape = train.images.shape
    classes = int(max(train.labels.max(), test.labels.max())) + 1
    image = (int(shape[1]), int(shape[2]), int(shape[3]))
    return DataFacts(
        name,
        len(train),
        len(test),
        image,
        classes,
        np.array(test.images[min(sample, len(test) - 1)], np.float32),
        stands_in=stands_in,
    )
