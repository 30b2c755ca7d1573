"""Warnings that teach: what seems to be wrong with a run, with its numbers, and what to try.

Each is a pure function of what was measured. They are rare: thresholds are far from what healthy runs do, and a single
measurement is not enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convviz.core.design import Design
from convviz.plurals import capital
from convviz.present.history import History
from convviz.present.layer_history import LayerHistory
from convviz.present.layer_moment import Measures
from convviz.present.numbers import format_value
from convviz.present.trouble import FEWEST_UNITS, MANY, no_better_than_guessing, silent_part, silent_sentence
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.look import Look
from convviz.present.words import counted

LAST = 5
"""Number of measurements whose median is used."""
FEWEST_STEPS = 100
"""The first steps give no warnings: much settles by itself."""
SATURATED_SHARE = 0.5
VANISHED = 1e-4
"""Gradient norm by weight norm of an early layer, as a share of the last layer's."""
EXPLODED = 10.0
"""Gradient norm by weight norm."""
OSCILLATES = 0.35
"""Rise of the smoothed loss above its lowest value, as a share of the loss of guessing."""
HARDLY_MOVES = 1e-5
"""Update ratio of every layer below which a run hardly moves."""
CERTAIN = 0.98
"""Share of images that get the same answer."""


@dataclass(frozen=True, slots=True)
class HealthWarning:
    """One thing that seems to be wrong.

    Parameters
    ----------
    key : str
        Which it is; a warning that was dismissed does not come again in the same run.
    sentence : str
        What was seen, with its numbers.
    advice : str
        What to try.
    layer : str
        Layer to select; empty if it is about none.
    card : str
        Where to look: the title of a card, or of a tab of the curves.
    """

    key: str
    sentence: str
    advice: str
    layer: str = ""
    card: str = ""


def warnings_of(look: Look) -> tuple[HealthWarning, ...]:
    """The warnings that were not dismissed; the most important first."""
    if look.moment is None:
        return ()
    found = find_warnings(look.history, look.moment.design, look.data)
    return tuple(one for one in found if one.key not in look.dismissed)


def find_warnings(history: History, design: Design, data: DataHealth | None = None) -> tuple[HealthWarning, ...]:
    """Everything that seems to be wrong with a run so far."""
    found: list[HealthWarning] = list(of_data(data)) if data is not None else []
    classes = max(design.classes, 2)
    chance = design.training.chance(classes)
    checks = (
        exploding(history.layers),
        too_large_rate(history, chance),
        dead(history.layers, design),
        saturated(history.layers),
        vanishing(history.layers),
        too_small_rate(history, chance),
        one_answer(history, chance),
        shuffled(history, classes),
        overfitting(history),
    )
    found += [warning for warning in checks if warning is not None]
    if not found and (still := guessing(history, design)) is not None:
        found.append(still)  # where nothing else says why
    return tuple(found)


# --- the data ----------------------------------------------------------------------------------------------------


def of_data(data: DataHealth) -> Sequence[HealthWarning]:
    """Inputs that are not scaled; labels of one class only."""
    found = []
    if data.largest > 20.0:
        found.append(
            HealthWarning(
                "scale",
                f"The pixels reach {format_value(data.largest, 3)}; weights start for inputs of about 1.",
                "Divide the images by their largest value, so that they lie between 0 and 1.",
            )
        )
    if data.classes == 1:
        found.append(
            HealthWarning(
                "one class",
                "All training images have the same label: there is nothing to tell apart.",
                "Open a data set with several classes, or take more of its images.",
            )
        )
    return found


# --- the layers --------------------------------------------------------------------------------------------------


def dead(layers: LayerHistory, design: Design) -> HealthWarning | None:
    """Many filters that are 0 for every judged image, twice in a row."""
    worst, newest = worst_share(layers, "silent", MANY), layers.newest
    if worst is None or newest is None:
        return None
    images = counted(int(newest.answers.sum()), "judged image")
    others = [silent_part(design, one) for _, one in shares(layers, "silent", MANY) if one is not worst]
    also = f", and {' and '.join(others[:2])}" if others else ""
    return HealthWarning(
        f"dead {worst.layer}",
        f"{silent_sentence(design, worst, images)}{also}: they get no gradient any more.",
        "Try a smaller learning rate, a leaky ReLU, or batch normalisation before the activation.",
        worst.layer,
        "Layer",
    )


def saturated(layers: LayerHistory) -> HealthWarning | None:
    """Many units of a sigmoid or tanh that stay at an end of their range."""
    worst = worst_share(layers, "saturated", SATURATED_SHARE)
    if worst is None:
        return None
    return HealthWarning(
        f"saturated {worst.layer}",
        f"{worst.layer}: {worst.saturated:.0f} of {counted(round(worst.units), 'unit')} stay at an "
        "end of their range, where the "
        "slope is almost 0.",
        "Try smaller initial weights, a smaller learning rate, or ReLU.",
        worst.layer,
        "Over time",
    )


def worst_share(layers: LayerHistory, measure: str, least: float) -> Measures | None:
    """The first layer with the largest share of units that a measure counts; None if it is below ``least``."""
    # Of equal layers the first: the layers behind a silent one get nothing to work with.
    return max(shares(layers, measure, least), key=lambda pair: pair[0], default=(0.0, None))[1]


def shares(layers: LayerHistory, measure: str, least: float) -> list[tuple[float, Measures]]:
    """Layers with weights and at least such a share of units that a measure counts, at the last two judgements each."""
    judged = {one.judged: one for one in layers.moments}
    last = [judged[step] for step in sorted(judged)][-2:]
    if len(last) < 2 or last[-1].judged < FEWEST_STEPS:
        return []
    found = [
        (min(getattr(before, measure), getattr(now, measure)) / now.units, now)
        for before, now in zip(last[0].measures, last[1].measures, strict=True)
        if now.units >= FEWEST_UNITS and not math.isnan(now.weight_norm)
    ]
    return [(share, one) for share, one in found if share >= least]


def relative_gradients(layers: LayerHistory) -> dict[str, float]:
    """Layer → ‖dW‖/‖W‖, the median of the last measurements; convolutions and dense layers only."""
    found = {}
    for layer in layers.layers:
        norms = layers.column(layer, "weight_norm")[-LAST:]
        gradients = layers.column(layer, "gradient_norm")[-LAST:]
        there = np.isfinite(norms) & np.isfinite(gradients) & (norms > 0)
        if there.any():
            found[layer] = float(np.median(gradients[there] / norms[there]))
    return found


def vanishing(layers: LayerHistory) -> HealthWarning | None:
    """The first layer's gradient is tiny beside the last one's."""
    if not is_settled(layers):
        return None
    gradients = relative_gradients(layers)
    if len(gradients) < 3:
        return None
    names = list(gradients)
    last = gradients[names[-1]]
    first = names[0]
    if not last > 0 or gradients[first] >= VANISHED * last:
        return None
    times = last / gradients[first] if gradients[first] > 0 else math.inf
    large = f"{float(f'{times:.1e}'):,.0f}" if 1e6 <= times < 1e9 else format_value(times, 2)
    said = f"{large} times smaller" if math.isfinite(times) else "0, and so far from that"
    return HealthWarning(
        "vanishing",
        f"{first}: ‖dW‖/‖W‖ is {format_value(gradients[first], 2)}, {said} than that of {names[-1]}: the gradient "
        "vanishes on its way back.",
        "Try ReLU instead of sigmoids, larger initial weights (He or Xavier), or batch normalisation.",
        first,
        "‖dW‖",
    )


def exploding(layers: LayerHistory) -> HealthWarning | None:
    """A gradient's norm is many times that of the weights."""
    if not is_settled(layers):
        return None
    gradients = relative_gradients(layers)
    layer = max(gradients, key=lambda name: gradients[name], default="")
    if not layer or gradients[layer] < EXPLODED:
        return None
    return HealthWarning(
        "exploding",
        f"{layer}: the gradient is {format_value(gradients[layer], 2)} times as long as the weights.",
        "Try a smaller learning rate, clipping of gradients, or batch normalisation.",
        layer,
        "‖dW‖",
    )


def is_settled(layers: LayerHistory) -> bool:
    """Whether enough was measured, some steps into the run."""
    newest = layers.newest
    return newest is not None and newest.step >= FEWEST_STEPS and len(layers.moments) >= LAST


# --- the rate ----------------------------------------------------------------------------------------------------


def too_large_rate(history: History, chance: float) -> HealthWarning | None:
    """The smoothed loss has risen far above its lowest value."""
    steps = history.minibatches.column(0)
    if len(steps) < 3 * FEWEST_STEPS // 2:
        return None
    means = history.mean(1)[49:]
    lowest, now = float(np.nanmin(means)), float(means[-1])
    if not now - lowest > OSCILLATES * chance:
        return None
    rise = f"The loss has risen from {format_value(lowest, 3)} to {format_value(now, 3)} (means of 50 minibatches)"
    # The mean may still have fallen for some minibatches after an edit that made the loss rise.
    edit = history.edits.last_since(int(steps[int(np.nanargmin(means))]))
    if edit is not None:
        cause = f"{rise} since an edit after step {edit.step:,}: {edit.sentence}."
        return HealthWarning(
            "rate too large", cause, f"Go back to step {edit.step:,} and branch from there.", card="Loss"
        )
    advice = "The learning rate is probably too large: try a third of it, or a warm-up."
    return HealthWarning("rate too large", f"{rise}.", advice, card="Loss")


def too_small_rate(history: History, chance: float) -> HealthWarning | None:
    """No layer moves, and the loss neither, though the schedule has not ended."""
    layers, losses = history.layers, history.mean(1)
    if not is_settled(layers) or len(losses) < 3 * FEWEST_STEPS:
        return None
    rates = np.array([one.learning_rate for one in layers.moments])
    if not np.nanmax(rates) <= 2 * rates[-1]:
        return None  # warming up is over, or the schedule has made it small on purpose
    ratios = [float(np.median(layers.column(layer, "update_ratio")[-LAST:])) for layer in layers.layers]
    largest = max((ratio for ratio in ratios if math.isfinite(ratio)), default=math.nan)
    # By the lowest loss so far: a loss that fell and rose again is another problem.
    fallen = float(losses[49] - np.nanmin(losses[49:]))
    if not (largest < 10 * HARDLY_MOVES and fallen < 0.1 * chance):
        return None
    return HealthWarning(
        "rate too small",
        f"An update moves no layer by more than {format_value(largest, 2)} of its weights, and the loss has fallen by "
        f"only {format_value(fallen, 2)}.",
        "Try ten times the learning rate.",
        card="‖ΔW‖/‖W‖",
    )


# --- what was learned --------------------------------------------------------------------------------------------


def one_answer(history: History, chance: float) -> HealthWarning | None:
    """Almost every image gets the same answer."""
    newest = history.layers.newest
    if newest is None or newest.judged < 2 * FEWEST_STEPS or len(newest.answers) < 3:
        return None
    answers = newest.answers
    total, most = int(answers.sum()), int(answers.max(initial=0))
    if total < 20 or most < CERTAIN * total:
        return None
    return HealthWarning(
        "one answer",
        f"The network answers class {int(answers.argmax())} for {most} of {counted(total, 'judged image')}.",
        "It had learned before: go back on the timeline to where the loss was low, and try a smaller learning rate."
        if had_learned(history, chance)
        else "It has not begun to learn: look at the gradients, and try another learning rate or initialisation.",
        card="‖dW‖",
    )


def guessing(history: History, design: Design) -> HealthWarning | None:
    """The loss has stayed that of guessing for an epoch."""
    means = history.mean(1)
    if not len(history.epochs) or len(means) < FEWEST_STEPS:
        return None
    if had_learned(history, design.training.chance(design.classes)):
        return None
    sentence = no_better_than_guessing(float(means[-1]), design.classes, design.training)
    if not sentence:
        return None
    return HealthWarning(
        "guessing",
        f"{capital(sentence)}.",
        "Check that images and labels belong together, then try another learning rate or initialisation.",
        card="Loss",
    )


def had_learned(history: History, chance: float) -> bool:
    """Whether the smoothed loss was ever clearly below that of guessing."""
    means = history.mean(1)[49:]
    return len(means) > 0 and float(np.nanmin(means)) < 0.7 * chance


def shuffled(history: History, classes: int) -> HealthWarning | None:
    """Training images are learned by heart, while test images stay at chance."""
    if len(history.epochs) < 2:
        return None
    chance = 1.0 / classes
    training, test = (float(history.epochs.column(number)[-1]) for number in (3, 5))
    if not (training > chance + 0.3 and test < chance + 0.05):
        return None
    return HealthWarning(
        "shuffled",
        f"{100 * training:.0f} % of the training images are right, but only {100 * test:.0f} % of the test images: no "
        "better than guessing.",
        "Labels and images may not belong together: check that they are in the same order.",
        card="Accuracy",
    )


def overfitting(history: History) -> HealthWarning | None:
    """Test loss has risen for two epochs and more, while training loss fell."""
    training, test = history.epochs.column(2), history.epochs.column(4)
    if len(test) < 4:
        return None
    best = int(np.argmin(test))
    risen = float(test[-1] - test[best])
    is_rising = len(test) - 1 - best >= 3 and test[-1] > 1.2 * test[best] and risen > 0.05
    if not (is_rising and training[-1] < 0.8 * training[best]):
        return None
    return HealthWarning(
        "overfitting",
        f"Since epoch {best + 1} the test loss has risen from {format_value(float(test[best]), 3)} to "
        f"{format_value(float(test[-1]), 3)}, while the training loss fell to {format_value(float(training[-1]), 3)}.",
        "The network learns its training images by heart: try more images, dropout, weight decay, or fewer epochs.",
        card="Loss",
    )
