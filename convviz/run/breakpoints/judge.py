"""Judges one breakpoint minibatch by minibatch: whether its condition comes true, and what is said of it then."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convviz.core.expressions.check import check_number, check_truth
from convviz.core.expressions.evaluate import evaluate
from convviz.plurals import capital, counted
from convviz.present.numbers import format_value
from convviz.run.breakpoints.condition import (
    AccuracyReaches,
    AtStep,
    Breakpoint,
    ClassFlips,
    FilterDead,
    GradientAbove,
    Hit,
    IsTrue,
    LossAbove,
    LossJumps,
    NotFinite,
    RatioAbove,
    SignChanges,
)
from convviz.run.breakpoints.dead_filters import DeadFilters, silent_units
from convviz.run.breakpoints.sentences import REACHED, about_loss, and_images, both_sides, of_loss, percent
from convviz.training.events import EpochDone
from convviz.training.layer_measures import JUDGED_IMAGES

if TYPE_CHECKING:
    from convviz.run.minibatch.facts import Facts
    from convviz.training.trainer import Trainer

FEWEST = 10
"""Minibatches from which a spread says something."""


class Judge:
    """What a breakpoint remembers between two minibatches.

    A condition is hit when it becomes true, not as long as it is. What only happens, such as a flip, is hit each time.

    Parameters
    ----------
    point : Breakpoint
    class_names : tuple of str
    repeats : bool
        A condition is hit as long as it is true.
    """

    def __init__(self, point: Breakpoint, class_names: tuple[str, ...] = (), *, repeats: bool = False) -> None:
        self.point = point
        self._repeats = repeats
        self._names = class_names
        self._was_true = False
        self._class: tuple[str, int, int] | None = None
        self._value: float | None = None
        """What the sign is looked at of, when it was last not 0."""
        condition = point.condition
        looks = -(-condition.steps // condition.every) if isinstance(condition, FilterDead) else 1
        self._dead = DeadFilters(looks)

    def pass_done(self, facts: Facts, trainer: Trainer) -> Hit | None:
        """Judge a minibatch before its update."""
        done = facts.done
        match self.point.condition:
            case NotFinite():
                is_true = done.error is not None or not math.isfinite(done.loss)
                return self._edge(is_true, facts, "The loss or a gradient is not finite", str(done.error or ""))
            case LossAbove(limit):
                return self._edge(
                    done.loss > limit,
                    facts,
                    f"Loss {format_value(done.loss)} is above {format_value(limit)}",
                    lambda: of_loss(facts, self._names),
                )
            case LossJumps(times):
                return self._jump(facts, times)
            case GradientAbove(limit):
                norm = facts.gradient_norm
                return self._edge(
                    norm > limit,
                    facts,
                    f"Gradient norm {format_value(norm)} is above {format_value(limit)}",
                    lambda: about_loss(facts, self._names),
                )
            case RatioAbove(limit):
                worst = max(facts.updates, key=lambda one: one.ratio if one.ratio == one.ratio else -1.0, default=None)
                if worst is None:
                    return None
                return self._edge(
                    worst.ratio > limit,
                    facts,
                    f"Update of {worst.layer} is {percent(worst.ratio)} of its weights, above {percent(limit)}",
                    f"‖ΔW‖ would be {format_value(worst.update_norm)}, ‖W‖ is {format_value(worst.weight_norm)}.",
                )
            case FilterDead() as condition:
                return self._filter_dead(facts, trainer, condition)
            case ClassFlips(image):
                return self._flip(facts, image)
            case AtStep(step):
                if facts.step != step:
                    return None
                return self._hit(facts, f"Step {step:,} comes", about_loss(facts, self._names))
            case IsTrue() as condition:
                expression = condition.expression
                check_truth(expression, facts.shape_of)
                is_true = bool(evaluate(expression, facts.find))
                return self._edge(is_true, facts, f"{condition.text} is true", lambda: both_sides(expression, facts))
            case SignChanges() as condition:
                return self._sign(facts, condition)
            case AccuracyReaches():
                return None

    def epoch_done(self, event: EpochDone) -> Hit | None:
        """Judge the end of an epoch."""
        condition = self.point.condition
        if not isinstance(condition, AccuracyReaches):
            return None
        was_true, self._was_true = self._was_true, event.test_accuracy >= condition.share
        if was_true or not self._was_true:
            return None
        reached = percent(event.test_accuracy)
        return Hit(
            self.point,
            event.position.step,
            REACHED.format(reached, percent(condition.share)),
            f"After epoch {event.position.epoch} of {event.position.epochs}.",
        )

    def _edge(self, is_true: bool, facts: Facts, headline: str, why: object) -> Hit | None:
        was_true, self._was_true = self._was_true and not self._repeats, is_true
        if was_true or not is_true:
            return None
        return self._hit(facts, headline, why() if callable(why) else str(why))

    def _hit(self, facts: Facts, headline: str, why: str) -> Hit:
        return Hit(self.point, facts.step, headline, why)

    def _jump(self, facts: Facts, times: float) -> Hit | None:
        if len(facts.recent) < FEWEST:
            return None
        mean, spread = float(facts.recent.mean()), float(facts.recent.std())
        loss = facts.done.loss
        jump = (loss - mean) / spread if spread else 0.0
        return self._edge(
            jump > times,
            facts,
            f"Loss {format_value(loss)} jumped by {format_value(jump)} times its spread",
            lambda: (
                f"The last {len(facts.recent)} had a mean of {format_value(mean)} and a standard deviation of "
                f"{format_value(spread)}{and_images(facts, self._names)}."
            ),
        )

    def _sign(self, facts: Facts, condition: SignChanges) -> Hit | None:
        expression = condition.expression
        check_number(expression, facts.shape_of)
        value, before = float(evaluate(expression, facts.find)), self._value
        if value == 0 or math.isnan(value):
            return None
        self._value = value
        if before is None or (before > 0) == (value > 0):
            return None
        why = f"It was {format_value(before)} and is {format_value(value)}."
        return self._hit(facts, f"{condition.text} has changed its sign", why)

    def _filter_dead(self, facts: Facts, trainer: Trainer, condition: FilterDead) -> Hit | None:
        if facts.step % condition.every:
            return None
        found = self._dead.look(silent_units(trainer))
        if not found:
            return None
        layer, number = found[0]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        images = min(JUDGED_IMAGES, len(trainer.test) or len(trainer.train))
        judged = "the one judged image" if images == 1 else f"all {images} judged images"
        steps = "step" if condition.every == 1 else f"{condition.every} steps"
        return self._hit(
            facts,
            f"Filter {number} of {layer}{more} has been dead for {counted(condition.steps, 'step')}",
            f"Its output was 0 for {judged} at each look, every {steps}.",
        )

    def _flip(self, facts: Facts, image: int | None) -> Hit | None:
        before, self._class = self._class, facts.class_of(image)
        split, row, now = self._class
        if before is None or before[:2] != (split, row) or before[2] == now:
            return None
        is_named = max(now, before[2]) < len(self._names)
        old, new = (self._names[label] if is_named else str(label) for label in (before[2], now))
        return self._hit(
            facts,
            f"{capital(split)} image {row:,} is now taken for a {new}",
            f"The update of step {facts.step - 1:,} changed it: it was taken for a {old} before.",
        )
