"""Schedules: how the learning rate changes while training runs. Pure functions of the number of steps done."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

Share = Annotated[float, Meta(gt=0.0, le=1.0)]


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """How far training has got.

    Parameters
    ----------
    step : int
        Steps done, from 0.
    steps_per_epoch : int
        At least 1.
    epochs : int
        Epochs of the whole training.
    """

    step: int
    steps_per_epoch: int = 1
    epochs: int = 1

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.step // self.steps_per_epoch

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self.steps_per_epoch * self.epochs


class Schedule(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all schedules.

    Parameters
    ----------
    warmup : int
        Number of steps at the start over which the learning rate rises linearly to its full value.
    """

    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""

    warmup: Annotated[int, Meta(ge=0, le=10**9)] = 0

    def factor(self, progress: TrainingProgress) -> float:
        """The factor by which the next step multiplies the learning rate."""
        rising = min(1.0, (progress.step + 1) / self.warmup) if self.warmup else 1.0
        return rising * self.shape(progress)

    def shape(self, progress: TrainingProgress) -> float:
        """The factor without the warm-up."""
        raise NotImplementedError


class Constant(Schedule, frozen=True, kw_only=True, tag="constant"):
    """The learning rate stays the same."""

    title: ClassVar[str] = "Constant"
    summary: ClassVar[str] = "The learning rate stays as it is"

    def shape(self, progress: TrainingProgress) -> float:
        return 1.0


class StepDecay(Schedule, frozen=True, kw_only=True, tag="step"):
    """The learning rate is multiplied by ``gamma`` after every ``every`` epochs.

    Parameters
    ----------
    every : int
        Epochs between two changes.
    gamma : float
    """

    title: ClassVar[str] = "Steps"
    summary: ClassVar[str] = "Every few epochs the learning rate falls by a factor"

    every: Annotated[int, Meta(ge=1, le=100000)] = 10
    gamma: Share = 0.1

    def shape(self, progress: TrainingProgress) -> float:
        return float(self.gamma ** (progress.epoch // self.every))


class Exponential(Schedule, frozen=True, kw_only=True, tag="exponential"):
    """The learning rate is multiplied by ``gamma`` after every epoch.

    Parameters
    ----------
    gamma : float
    """

    title: ClassVar[str] = "Exponential"
    summary: ClassVar[str] = "After every epoch the learning rate falls by a factor"

    gamma: Share = 0.95

    def shape(self, progress: TrainingProgress) -> float:
        return float(self.gamma**progress.epoch)


class Cosine(Schedule, frozen=True, kw_only=True, tag="cosine"):
    """The learning rate falls along half a cosine, step by step, from the end of the warm-up to the last step.

    Parameters
    ----------
    final : float
        Share of the learning rate that is left at the end.
    """

    title: ClassVar[str] = "Cosine"
    summary: ClassVar[str] = "The learning rate falls slowly, then fast, then slowly until the last step"

    final: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0

    def shape(self, progress: TrainingProgress) -> float:
        length = max(progress.steps - self.warmup, 1)
        done = min(max(progress.step - self.warmup, 0) / length, 1.0)
        return self.final + (1.0 - self.final) * 0.5 * (1.0 + math.cos(math.pi * done))


AnySchedule = Constant | StepDecay | Exponential | Cosine


def learning_rate(base: float, schedule: Schedule, progress: TrainingProgress) -> float:
    """Learning rate of the next step.

    Parameters
    ----------
    base : float
        The optimiser's learning rate.
    schedule : Schedule
    progress : TrainingProgress
    """
    return base * schedule.factor(progress)
