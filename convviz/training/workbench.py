"""What a trainer leaves to the next one, where many small runs are trained one after the other.

Before its first minibatch a trainer lowers its design, reserves memory and writes the calls of the compiled kernels
into tables: a tenth of a second, a fifth of a run of one short epoch. Runs that differ in their seed or learning rate
have the very same programs; so the next one takes over the prepared programs, and only its numbers are copied into
them.
"""

from __future__ import annotations

from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES, LABELS, LOSSES, PROBABILITIES
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.core.program import Program
from convviz.storage.fingerprint import DataFingerprint
from convviz.training.images import Split, are_at
from convviz.training.known_fingerprint import KnownFingerprint
from convviz.training.minibatch_images import MinibatchImages

__all__ = ["Workbench"]


class Workbench:
    """Threads, and the memory and programs of the run that was trained with them last.

    One trainer at a time works at it.

    Parameters
    ----------
    threads : int
    """

    def __init__(self, threads: int) -> None:
        self._lanes = Lanes(threads)
        self._network: Network | None = None
        self._train: Split | None = None
        self._plans: dict[tuple[int, bool], Plan] = {}
        """Number of images, and whether they are trained on → the program for them."""
        self._prints = KnownFingerprint()

    def begin(self, network: Network, train: Split) -> None:
        """Begin a run.

        If its programs are those of the run before, its network takes over the arrays of that run's network, whose
        numbers are overwritten.
        """
        before = self._network
        if before is None or not self._fits(before, network, train):
            self._plans = {}
        elif before is not network:
            for name, array in network.arrays.items():
                before.arrays[name][...] = array
            network.arrays.update(before.arrays)
        for plan in self._plans.values():
            for gradient in plan.program.gradients.values():
                plan[gradient][...] = 0
        self._network, self._train = network, train

    def bound(self, batch: int, *, train: bool) -> Plan | None:
        """The program for a batch size, if there is one already."""
        return self._plans.get((batch, train))

    def plan(self, images: MinibatchImages, batch: int, *, train: bool) -> Plan:
        """The program for a batch size; made once."""
        found = self.bound(batch, train=train)
        if found is not None:
            return found
        network = self._network
        assert network is not None
        # Evaluation has two splits, and one plan for them.
        place = images.place(network.design, batch) if train else None
        made = Plan(
            lambda some: network.program(some, divisor=batch, train=train),
            batch,
            network.arrays,
            self._lanes,
            precision=network.precision,
            keep=(PROBABILITIES,) if train else (PROBABILITIES, LOSSES),
            gathered={} if place is None else {IMAGES: place.images, LABELS: place.labels},
        )
        self._plans[batch, train] = made
        return made

    def fingerprint(self, name: str, train: Split, test: Split) -> DataFingerprint:
        """The fingerprint of the images, which takes a while: those of the run before have it already."""
        return self._prints.of(name, train, test)

    def drop(self) -> None:
        """Drop the programs: others will be needed."""
        self._plans = {}

    def close(self) -> None:
        """End the threads."""
        self._lanes.close()

    def _fits(self, before: Network, network: Network, train: Split) -> bool:
        if self._train is None or any(one.design.training.augmentation.is_on for one in (before, network)):
            return False  # augmented images lie in a place of the trainer's own
        if not are_at((self._train,), (train,)):
            return False
        forms = [{name: (array.shape, array.dtype) for name, array in one.arrays.items()} for one in (before, network)]
        return forms[0] == forms[1] and all(
            are_same(plan.program, network.program(batch, divisor=batch, train=trains))
            for (batch, trains), plan in self._plans.items()
        )


def are_same(one: Program, other: Program) -> bool:
    """Whether two programs do the same to equal arrays, whatever the arrays' initial values."""
    return (one.steps, one.arrays, one.masks) == (other.steps, other.arrays, other.masks)
