"""The trainer: runs the program of a design over a data set, one minibatch after the other.

It knows nothing about threads, windows or terminals: :meth:`Trainer.run` is a generator of events, and its consumer
(the command line, the session behind the window, a test) decides between two events what happens next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from types import TracebackType

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.dropout import masks_for
from convviz.core.engine import compiled
from convviz.core.errors import DesignError
from convviz.core.lower import IMAGES, LABELS, LOSS, LOSSES, PROBABILITIES
from convviz.core.network import Network, lowered
from convviz.core.optim import LEARNING_RATE, PASS_NUMBER
from convviz.core.plan import Plan
from convviz.core.schedule import TrainingProgress
from convviz.core.seeds import image_order
from convviz.storage.network_state import RunProgress
from convviz.training.blas import OneBlasThread
from convviz.training.events import Compiling, EpochDone, Evaluating, Event, Held, MinibatchDone, Position
from convviz.training.fit import check_fit, sized
from convviz.training.images import Split, batch_sizes
from convviz.training.minibatch import Minibatch
from convviz.training.minibatch_images import MinibatchImages
from convviz.training.not_finite import where_not_finite
from convviz.training.pass_done import HoldsHere, PassDone
from convviz.training.room import check_room_to_train
from convviz.training.scoring import ScoreTally, accuracy_of
from convviz.training.workbench import Workbench

EVALUATION_BATCH = 256
WORDS = {"evaluated": "evaluated epochs", "learning_rate": "learning rate"}
"""Names of the fields of a position in messages."""


class Trainer:
    """Trains one network on one data set.

    Parameters
    ----------
    design : Design
    train, test : Split
        The design's ``train_size`` and ``test_size`` take the first images of them.
    network : Network, optional
        The network to train; a new one is made unless given.
    threads : int
        Threads that share the shards of a minibatch; BLAS runs on one thread meanwhile (:mod:`convviz.training.blas`).
    bench : Workbench, optional
        Has threads already, and what the run before this one was trained with; it stays open.

    Attributes
    ----------
    holds : callable, optional
        Asked between backward and update of every minibatch whether training holds there; None asks nobody.

    Raises
    ------
    DesignError
        The net is impossible or needs more memory than is free, or the images do not fit it.
    """

    def __init__(
        self,
        design: Design,
        train: Split,
        test: Split,
        *,
        network: Network | None = None,
        threads: int = 2,
        bench: Workbench | None = None,
    ) -> None:
        check_room_to_train(network.design if network is not None else design, threads, len(train))
        self.network = network or Network(design)
        self.design = self.network.design
        settings = self.design.training
        self.train = train.first(sized("train_size", settings.train_size, len(train)))
        self.test = test.first(sized("test_size", settings.test_size, len(test)))
        for name, split in (("training", self.train), ("test", self.test)):
            check_fit(self.design, name, split)
        self.batch_size = min(settings.batch_size, len(self.train))
        self._bench, self._closes_bench = bench or Workbench(threads), bench is None
        self._bench.begin(self.network, self.train)
        self._images = MinibatchImages(self.train)
        self._gradients: dict[str, Array] = {}
        """The gradients of the last plans, which were dropped because settings changed."""
        self._blas = OneBlasThread()
        self.position = Position(0, 0, 0, settings.epochs, -(-len(self.train) // self.batch_size))
        self._base_rate = settings.optimiser.lr
        self.losses: list[tuple[float, int]] = []
        """Loss and size of every minibatch of the epoch so far."""
        self.image_losses: dict[str, Array] = {}
        """Loss of each image of the splits that were evaluated last, by the split's name."""
        self.evaluated = 0
        """Epochs that were trained and evaluated; one less than the position's while an epoch is open."""
        self.holds: HoldsHere | None = None

    def close(self) -> None:
        """End the threads; with the last trainer of the process BLAS gets its threads back."""
        if self._closes_bench:
            self._bench.close()
        self._blas.release()

    def __enter__(self) -> Trainer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- training ----------------------------------------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        """Train to the last epoch, from the current position.

        Yields
        ------
        Event
            ``Compiling`` where kernels have to be compiled first; ``MinibatchDone`` after every update; ``Evaluating``
            and ``EpochDone`` at the end of every epoch. ``Held`` where :attr:`holds` asked for it: network and position
            are those before the minibatch, its gradients are there, and going on makes its update.

        Raises
        ------
        NonFiniteError
            NaN or infinity arose; the weights are those before the minibatch.
        """
        yield from self.compile()
        while self.has_more:
            if self.evaluated == self.position.epoch:
                self._next_epoch()
            order = self._order(self.position.epoch)
            while self.position.minibatch < self.position.minibatches:
                done = self._pass(self._rows(order, self.position.minibatch), at_once=self.holds is None)
                if self.holds is not None and self.holds(done):
                    yield Held(self.position, done.loss, done.accuracy, len(done.rows))
                    # Weights or settings may have been changed meanwhile. If not, the pass has the same bits again.
                    done = self._pass(done.rows)
                yield self._update(done)
            yield from self._end_epoch()

    def compile(self, *, last_first: bool = False) -> Iterator[Compiling]:
        """Compile all kernels that the rest of the run needs; yields after each one, once one had to be compiled.

        All minibatches are trained with the same kernels: otherwise bits would depend on when training began.

        Parameters
        ----------
        last_first : bool
            Begin with what is needed last: a run that begins meanwhile compiles from the other end.
        """
        sizes: list[tuple[int, bool]] = []
        if self.has_more:
            sizes = [(size, True) for size in batch_sizes(len(self.train), self.batch_size)]
            both = (size for split in (self.train, self.test) for size in batch_sizes(len(split), EVALUATION_BATCH))
            sizes += [(size, False) for size in dict.fromkeys(both)]
        plans = [self.plan(size, train=train) for size, train in sizes]
        kernels = list(dict.fromkeys(kernel for plan in plans for kernel in plan.kernels))
        yield from (Compiling(self.position, *done) for done in compiled(kernels[::-1] if last_first else kernels))

    @property
    def has_more(self) -> bool:
        """Whether anything is left to train on or to evaluate."""
        return self.position.epoch < self.position.epochs or self.evaluated < self.position.epoch

    def upcoming(self, copied: Mapping[str, Array] | None = None) -> Minibatch | None:
        """The next minibatch of :meth:`run`, with a copy of the network; None if none is left.

        A copy that was made just now is used where it is given.
        """
        p = self.position
        if p.minibatch < p.minibatches and p.epoch:
            done = Position(p.epoch, p.minibatch + 1, p.step + 1, p.epochs, p.minibatches)
        elif p.epoch < p.epochs:
            done = Position(p.epoch + 1, 1, p.step + 1, p.epochs, p.minibatches)
        else:
            return None
        own = self.network.arrays
        shared = {} if copied is None else {k: v for k, v in copied.items() if k not in (LEARNING_RATE, PASS_NUMBER)}
        arrays = {name: shared[name] if name in shared else array.copy() for name, array in own.items()}
        self._set_scalars(arrays)
        return Minibatch(self.design, self._rows(self._order(done.epoch), done.minibatch - 1), done, arrays)

    @property
    def trains_next(self) -> bool:
        """Whether :meth:`run` continues with a minibatch: not if an epoch is to be evaluated, or none is left."""
        p = self.position
        return p.minibatch < p.minibatches if p.epoch > self.evaluated else p.epoch < p.epochs

    @property
    def ends_epoch(self) -> bool:
        """Whether the next minibatch is the last one of its epoch."""
        p = self.position
        done = p.minibatch if p.epoch > self.evaluated else 0
        return done + 1 == p.minibatches and self.trains_next

    def _order(self, epoch: int) -> Array:
        return image_order(self.design.training.seed, epoch, len(self.train))

    def _rows(self, order: Array, number: int) -> Array:
        """Rows of the images of a minibatch; minibatches are numbered from 0."""
        return order[number * self.batch_size : (number + 1) * self.batch_size]

    def place(self) -> RunProgress:
        """The position of the run; together with the network's arrays it is enough to continue from here."""
        p = self.position
        losses = tuple(loss for loss, _ in self.losses)
        return RunProgress(p.epoch, p.minibatch, p.step, self.evaluated, losses, self._base_rate)

    def go_on_from(self, place: RunProgress) -> None:
        """Move a new trainer to the position of another one; its network must have the arrays of that moment.

        The run then continues bit for bit as the other one would have.

        Raises
        ------
        DesignError
            No run of this design on these images can reach that position.
        """
        name, problem = place.problem(self.position.minibatches, self.position.epochs)
        if name:
            raise DesignError(f"the run to go on with: {WORDS.get(name, name)}: {problem}")
        self.position = replace(self.position, epoch=place.epoch, minibatch=place.minibatch, step=place.step)
        self.evaluated = place.evaluated
        size, images = self.batch_size, len(self.train)
        self.losses = [(loss, min(size, images - i * size)) for i, loss in enumerate(place.losses)]
        self.set_learning_rate(place.learning_rate)

    def train_on(self, rows: Array, looks: Callable[[PassDone], object] | None = None) -> MinibatchDone:
        """Forward, backward and update on the training images with these row numbers.

        Parameters
        ----------
        rows : ndarray of int64, ``(n,)``
        looks : callable, optional
            Called with the pass before its update.

        Raises
        ------
        NonFiniteError
            As for :meth:`run`.
        """
        done = self._pass(rows, at_once=looks is None)
        if looks is not None:
            looks(done)
        return self._update(done)

    def pass_over(self, minibatch: Minibatch) -> PassDone:
        """Forward, loss and backward of a minibatch whose arrays the network has, wherever the run is; no update."""
        return self._run(minibatch.rows, minibatch.position)

    def _pass(self, rows: Array, *, at_once: bool = False) -> PassDone:
        """Forward, loss and backward on the training images with these row numbers; and, ``at_once``, the update."""
        p = self.position
        self._set_scalars(self.network.arrays)
        return self._run(rows, Position(p.epoch, p.minibatch + 1, p.step + 1, p.epochs, p.minibatches), at_once=at_once)

    def _run(self, rows: Array, after: Position, *, at_once: bool = False) -> PassDone:
        """The pass that leads to a position."""
        plan, step = self.plan(len(rows), train=True), after.step - 1
        plan.rows[...] = self._images.rows(self.design, rows, step)
        if plan.program.masks:
            seed, precision = self.design.training.seed, self.network.precision
            for name, mask in masks_for(plan.program, seed, step, precision=precision).items():
                plan.inputs[name][...] = mask
        if at_once:
            is_finite = plan.train()
        else:
            plan.run()
            is_finite = plan.is_finite()
        error = None if is_finite else where_not_finite(self.network, plan)
        loss = float(plan[LOSS])
        accuracy = accuracy_of(plan[PROBABILITIES], plan.inputs[LABELS], self.design.training.ignored_label)
        return PassDone(after, rows, loss, accuracy, plan, error, at_once)

    def _update(self, done: PassDone) -> MinibatchDone:
        """Update the weights after a pass."""
        if done.error is not None:
            raise done.error
        if not done.is_updated:
            done.plan.update()
        self.position = done.position
        self.losses.append((done.loss, len(done.rows)))
        rate = float(self.network.arrays[LEARNING_RATE])
        return MinibatchDone(self.position, done.loss, done.accuracy, len(done.rows), rate, time.monotonic())

    def set_learning_rate(self, rate: float) -> None:
        """Set the base rate, which the schedule multiplies; takes effect with the next minibatch.

        Raises
        ------
        DesignError
            The rate is not a number greater than 0.
        """
        if not (np.isfinite(rate) and rate > 0):
            raise DesignError(f"learning rate: expected a number greater than 0, got {rate:g}", field="lr")
        self._base_rate = rate

    def adopt(self, design: Design) -> None:
        """Continue with a design that differs only in settings that can change between two minibatches.

        These are learning rate, schedule, momentum and the like, weight decay, clipping, augmentation, and epochs.
        Weights, optimiser state and position don't change.

        Raises
        ------
        DesignError
            The network or its minibatches are different, so the run must start again.
        """
        design = design.named()
        old, new = self.design.training, design.training
        fixed = ("batch_size", "seed", "train_size", "test_size", "init")
        if design.layers != self.design.layers or any(getattr(old, name) != getattr(new, name) for name in fixed):
            raise DesignError(f"{design.name}: the network or its minibatches are others; train it from the start")
        network = self.network
        needed = {n for n in lowered(design, 1).sources if not lowered(design, 1).arrays[n].batched}
        if type(old.optimiser) is not type(new.optimiser) or needed != set(network.arrays):
            raise DesignError(
                f"{design.name}: the optimiser is another one; train it from the start", field="optimiser"
            )
        p = self.position
        if new.epochs < p.epoch:
            raise DesignError(f"epochs: expected at least the {p.epoch} begun, got {new.epochs}", field="epochs")
        network.design = self.design = design
        self._gradients = self.gradients()  # still those of the last minibatch
        self._bench.drop()
        self._base_rate = new.optimiser.lr
        self.position = Position(p.epoch, p.minibatch, p.step, new.epochs, p.minibatches)
        network.arrays[LEARNING_RATE][...] = self.learning_rate  # also for readers before the next minibatch

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next minibatch: the base rate times the schedule's factor."""
        p = self.position
        return self._base_rate * self.design.training.schedule.factor(TrainingProgress(p.step, p.minibatches, p.epochs))

    def _set_scalars(self, arrays: Mapping[str, Array]) -> None:
        """Set the scalars that the update steps of the next minibatch read."""
        arrays[LEARNING_RATE][...] = self.learning_rate
        if PASS_NUMBER in arrays:
            arrays[PASS_NUMBER][...] = self.position.step + 1

    def _next_epoch(self) -> None:
        p = self.position
        self.position = Position(p.epoch + 1, 0, p.step, p.epochs, p.minibatches)
        self.losses = []

    def _end_epoch(self) -> Iterator[Event]:
        train_loss, train_accuracy = yield from self.evaluate(self.train, "training")
        test_loss, test_accuracy = yield from self.evaluate(self.test, "test")
        images = sum(count for _, count in self.losses)
        loss = sum(loss * count for loss, count in self.losses) / max(images, 1)
        self.evaluated = self.position.epoch
        yield EpochDone(self.position, loss, train_loss, train_accuracy, test_loss, test_accuracy, time.monotonic())

    # --- evaluating --------------------------------------------------------------------------------------------

    def evaluate(self, split: Split, name: str) -> Generator[Event, None, tuple[float, float]]:
        """Loss and accuracy on a split, as the generator's return value; yields ``Evaluating`` meanwhile."""
        tally = ScoreTally(self.design)
        self.image_losses[name] = np.zeros(len(split), np.float32)
        for start in range(0, len(split), EVALUATION_BATCH):
            rows = np.arange(start, min(start + EVALUATION_BATCH, len(split)))
            plan = self.plan(len(rows), train=False)
            self._fill(plan, split, rows)
            plan.run()
            self.image_losses[name][rows] = plan[LOSSES]
            tally.add(plan[PROBABILITIES], plan.inputs[LABELS], plan[LOSSES])
            yield Evaluating(self.position, name, start + len(rows), len(split))
        return tally.loss, tally.accuracy

    # --- plans -------------------------------------------------------------------------------------------------

    def plan(self, batch: int, *, train: bool) -> Plan:
        """The compiled program for a batch size; made once."""
        return self._bench.plan(self._images, batch, train=train)

    def _fill(self, plan: Plan, split: Split, rows: Array) -> None:
        np.take(split.images, rows, axis=0, out=plan.inputs[IMAGES], mode="clip")
        np.take(split.labels, rows, axis=0, out=plan.inputs[LABELS], mode="clip")

    def gradients(self) -> dict[str, Array]:
        """Copies of the gradients of the last minibatch, by parameter; empty before the first."""
        return {name: gradient.copy() for name, gradient in self.passing_gradients().items()}

    def passing_gradients(self) -> dict[str, Array]:
        """The gradients themselves, which the next minibatch overwrites."""
        last = self._bench.bound(self.batch_size, train=True)
        if last is None:
            return dict(self._gradients)
        return {name: last[gradient] for name, gradient in last.program.gradients.items()}
