"""Which passes can be stepped at the moment, and which one is chosen. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError, DesignError
from convviz.core.network import Network
from convviz.present.words import counted
from convviz.run.messages import Inspected
from convviz.training.events import Position
from convviz.training.fit import check_fit
from convviz.training.images import Split
from convviz.training.minibatch import Minibatch, first_minibatch
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.stepping import Pass

NOWHERE = Position(0, 0, 0, 0, 0)
NO_PROBED = "Probe opens one: How is this computed?, or Step the changed image"
NO_PAST = "The timeline of Watch opens one: Step this minibatch"
SOME = 16
"""Number of images in a pass of chosen images before the user has chosen any."""


@dataclass(frozen=True, slots=True)
class PassChoice:
    """The choice of one of the offered passes.

    Parameters
    ----------
    kind : PassKind
    image : int
        Row of the image, for a pass of one image.
    rows : tuple of int
        Rows of the images that the user chose; empty until then.
    as_testing : bool
        Whether layers behave as in testing; in a minibatch of the training they never do.
    """

    kind: PassKind = PassKind.ONE
    image: int = 0
    rows: tuple[int, ...] = ()
    as_testing: bool = False
    first: int | None = None
    """Row of the minibatch's image to show when the pass begins; None keeps the image shown before."""


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """The passes on offer: a network, images to choose from, and minibatches of the training.

    Parameters
    ----------
    design : Design
    arrays : mapping of str to ndarray
        The network's arrays, by name.
    images : ndarray, ``(n, C, H, W)``
        The images to choose from.
    labels : ndarray, ``(n,)``
        Their labels.
    split : str
        The part of the data set that contains them: ``training``, ``test``.
    position : Position
        Where the run stands.
    class_names : tuple of str
    last, next : Minibatch, optional
        The last and the next minibatch of the training.
    train : Split, optional
        The training images, which the minibatches are drawn from.
    no_last, no_next : str
        Why there is no last or no next minibatch.
    no_chosen : str
        Why chosen images can't be stepped.
    where : str
        Where the run stands, in words.
    waiting : str
        Name of an edited design that waits while another network is trained; empty without one.
    is_edited : bool
        Whether ``design`` is the one that waits.
    past : PassSource, optional
        An earlier minibatch, replayed.
    probed : PassSource, optional
        The pass that Probe computed.
    past_words : str
        How well the earlier minibatch was replayed.

    Raises
    ------
    DesignError
        The images do not fit the design, or there are not as many labels as images.
    """

    design: Design
    arrays: Mapping[str, Array]
    images: Array
    labels: Array
    split: str = ""
    position: Position = NOWHERE
    class_names: tuple[str, ...] = ()
    last: Minibatch | None = None
    next: Minibatch | None = None
    train: Split | None = None
    no_last: str = "Nothing is trained here"
    no_next: str = "Nothing is trained here"
    no_chosen: str = ""
    where: str = ""
    waiting: str = ""
    is_edited: bool = False
    past: PassSource | None = None
    probed: PassSource | None = None
    past_words: str = ""

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.images):
            raise DesignError(
                f"{self.design.name}: expected {counted(len(self.images), 'label')}, got {len(self.labels)}"
            )
        self.source(PassChoice())  # the images must fit

    @classmethod
    def of(
        cls, found: Inspected, train: Split, images: Split, split: str, class_names: tuple[str, ...], where: str
    ) -> Offer:
        """The offer of a run.

        Parameters
        ----------
        found : Inspected
            The session's answer: the network, and its last and next minibatch.
        train : Split
            The training images.
        images : Split
            The images to choose from.
        split : str
            The part of the data set that contains them: ``training``, ``test``.
        class_names : tuple of str
        where : str
            Where the run stands, in words.
        """
        step = found.position.step
        no_last = "Nothing has been trained yet"
        if step:
            no_last = "A file has the weights after its last minibatch, not before it: train one more to step it here"
        return cls(
            found.design,
            found.arrays,
            images.images,
            images.labels,
            split,
            found.position,
            class_names,
            found.last,
            found.next,
            train,
            no_last,
            "The run is at its end: more epochs continue it",
            where=where,
        )

    @classmethod
    def of_edited(cls, design: Design, train: Split, images: Split, split: str, class_names: tuple[str, ...]) -> Offer:
        """The offer of an untrained design: its initial weights and the first minibatch of its training.

        Parameters
        ----------
        design : Design
        train, images : Split
            As for :meth:`of`.
        split : str
        class_names : tuple of str

        Raises
        ------
        DesignError
            The design is impossible, or the images do not fit it.
        """
        network = Network(design)
        check_fit(network.design, split, images)
        return cls(
            network.design,
            network.arrays,
            images.images,
            images.labels,
            split,
            class_names=class_names,
            next=first_minibatch(network, len(train)),
            train=train,
            no_last="This design has not been trained",
            where="initial weights of the edited design",
            waiting=design.name,
            is_edited=True,
        )

    @property
    def count(self) -> int:
        """Number of images to choose from."""
        return len(self.images)

    @property
    def batch_size(self) -> int:
        """Number of images in a minibatch of the training."""
        size = self.design.training.batch_size
        return size if self.train is None else min(size, len(self.train))

    def why_not(self, kind: PassKind) -> str:
        """Why a pass of this kind can't be stepped; empty where it can."""
        if kind is PassKind.LAST:
            return "" if self.last is not None else self.no_last
        if kind is PassKind.NEXT:
            return "" if self.next is not None else self.no_next
        if kind is PassKind.PAST:
            return "" if self.past is not None else NO_PAST
        if kind is PassKind.PROBED:
            return "" if self.probed is not None else NO_PROBED
        if kind is PassKind.CHOSEN:
            return self.no_chosen or ("There is one image only" if self.count < 2 else "")
        return ""

    def without(self, kind: PassKind, reason: str) -> Offer:
        """The offer without a kind of pass that turned out to be impossible, and with the reason."""
        if kind is PassKind.LAST:
            return replace(self, last=None, no_last=reason)
        if kind is PassKind.NEXT:
            return replace(self, next=None, no_next=reason)
        if kind is PassKind.PAST:
            return replace(self, past=None)
        if kind is PassKind.PROBED:
            return replace(self, probed=None)
        return replace(self, no_chosen=reason)

    def fitted(self, choice: PassChoice) -> PassChoice:
        """The choice, or the nearest possible one."""
        rows = tuple(row for row in choice.rows if row < self.count) or tuple(range(min(SOME, self.count)))
        image = min(max(choice.image, 0), self.count - 1)
        kinds = {PassKind.LAST: (PassKind.LAST, PassKind.NEXT), PassKind.NEXT: (PassKind.NEXT, PassKind.LAST)}.get(
            choice.kind, (choice.kind,)
        )
        kind = next((kind for kind in kinds if not self.why_not(kind)), PassKind.ONE)
        return replace(choice, kind=kind, image=image, rows=rows)

    def made(self, choice: PassChoice) -> tuple[Offer, PassSource, Pass]:
        """Make the chosen pass, or a smaller one if it can't be made; the returned offer then says why.

        Raises
        ------
        ConvvizError
            Not even a pass of one image can be made.
        """
        source = self.source(choice)
        try:
            return self, source, source.make()
        except ConvvizError as error:
            if source.kind is PassKind.ONE:
                raise
            return self.without(source.kind, str(error)).made(choice)

    def source(self, choice: PassChoice) -> PassSource:
        """The source of the chosen pass."""
        choice = self.fitted(choice)
        if choice.kind is PassKind.PAST and self.past is not None:
            return self.past
        if choice.kind is PassKind.PROBED and self.probed is not None:
            return self.probed
        minibatch = {PassKind.LAST: self.last, PassKind.NEXT: self.next}.get(choice.kind)
        if minibatch is not None and self.train is not None:
            return PassSource.of_minibatch(choice.kind, minibatch, self.train, self.class_names)
        rows = (choice.image,) if choice.kind is PassKind.ONE else choice.rows
        taken = np.asarray(rows, dtype=np.intp)
        return PassSource(
            choice.kind,
            self.design,
            self.arrays,
            self.split,
            rows,
            self.images[taken],
            self.labels[taken],
            self.position,
            class_names=self.class_names,
            as_testing=choice.as_testing,
        )
