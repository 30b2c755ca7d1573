"""The parts of ``convviz probe``: each computes its arrays, keeps them for the file, and yields its pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from convviz.cli.output import print_out
from convviz.core.arrays import Array
from convviz.present.words import counted

if TYPE_CHECKING:
    from PIL import Image

    from convviz.core.network import Network
    from convviz.probe.mistakes import Mistakes
    from convviz.probe.progress import Progress
    from convviz.training.images import Split

    Pictures = Iterator[tuple[str, Image.Image]]

PRUNED = (0, 25, 50, 75, 90, 95)
"""Percentages of the weights that are pruned."""
EXPLAINED = 4
"""Number of images to explain if none are chosen: the mistakes of the highest confidence."""


def told(what: str) -> Progress:
    """A progress function that prints how much is done, if stderr is a terminal."""

    def say(done: int, total: int) -> bool:
        if sys.stderr.isatty():
            print(f"\r{what}: {done:,} of {total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True)
        return True

    return say


@dataclass(slots=True, eq=False)
class Probing:
    """A network, and the images on which it is probed.

    Parameters
    ----------
    network : Network
    split : Split
    found : Mistakes
        The network's answers, and which of them are wrong.
    names : list of str
        Names of the classes.
    images : tuple of int
        Rows of the images to explain; if empty, the mistakes of the highest confidence.
    layer : str
        A convolution; if empty, the last one.
    threads : int
    to : int or None
        The class that :meth:`change` is to reach; None for any but the present answer.
    arrays : dict of str to ndarray
        The arrays that were computed, by their names in the file.
    """

    network: Network
    split: Split
    found: Mistakes
    names: list[str]
    images: tuple[int, ...]
    layer: str
    threads: int
    to: int | None = None
    arrays: dict[str, Array] = field(default_factory=dict)

    def confusion(self) -> Pictures:
        """The confusion matrix, with recall, precision, top-k accuracy and calibration."""
        from convviz.cli.probe_files import confusion_picture

        calibration = self.found.calibration()
        self.arrays |= {
            "confusion/matrix": self.found.confusion,
            "confusion/labels": self.found.labels,
            "confusion/answers": self.found.answers,
            "confusion/probabilities": self.found.probabilities,
            "confusion/recall": self.found.recall,
            "confusion/precision": self.found.precision,
            "confusion/top": np.array([self.found.top(k) for k in range(1, len(self.names) + 1)]),
            "confusion/worst": self.found.worst(),
            "calibration/edges": calibration.edges,
            "calibration/counts": calibration.counts,
            "calibration/confidence": calibration.confidence,
            "calibration/accuracy": calibration.accuracy,
        }
        print_out(f"expected calibration error {calibration.error:.4f}")
        for label, answer, count in self.found.pairs()[:5]:
            print_out(f"{count:>6,} × {self.names[label]} taken for {self.names[answer]}")
        yield "confusion", confusion_picture(self.found.confusion, self.names)

    def saliency(self) -> Pictures:
        """Every saliency map of the images to explain, for the class that the network answers."""
        from convviz.cli.probe_files import image_picture, map_picture
        from convviz.core.score import Target
        from convviz.probe.class_activation import grad_cam
        from convviz.probe.covering import occlusion
        from convviz.probe.layers import convolutions
        from convviz.probe.linear import contributions, why_not_linear
        from convviz.probe.saliency import (
            gradient,
            gradient_times_input,
            guided_backprop,
            integrated_gradients,
            smooth_gradient,
        )

        image = self.network.design.input
        patch = min(5, image.height, image.width)
        for row in self._rows:
            x = self.split.images[row]
            answer = int(self.found.answers[row])
            target = Target.of_class(answer)
            say = told(f"image {row:,}")
            maps = {
                "gradient": gradient(self.network, x, target)[0],
                "gradient_times_input": gradient_times_input(self.network, x, target)[0],
                "integrated_gradients": integrated_gradients(self.network, x, target),
                "smooth_gradient": smooth_gradient(self.network, x, target),
                "guided_backprop": guided_backprop(self.network, x, target)[0],
            }
            covered = occlusion(self.network, x, target, patch=patch, progress=say)
            group = f"saliency/{row}"
            self.arrays |= {f"{group}/{name}": made for name, made in maps.items()}
            self.arrays |= {
                f"{group}/image": x,
                f"{group}/occlusion": covered.pixels,
                f"{group}/occluded": covered.scores,
            }
            if not why_not_linear(self.network.design):
                parts = contributions(self.network, x, target)
                self.arrays[f"{group}/contributions"] = parts.pixels
                self.arrays |= {f"{group}/biases/{layer}": np.asarray(part) for layer, part in parts.biases.items()}
            yield f"image_{row}", image_picture(x)
            for name, made in maps.items():
                yield f"image_{row}_{name}", map_picture(made.sum(axis=0), "gradient")
            yield f"image_{row}_occlusion", map_picture(covered.pixels, "gradient")
            for one in convolutions(self.network.design):
                cam = grad_cam(self.network, x, target, one.name)
                self.arrays[f"{group}/grad_cam/{one.name}"] = cam.cells[0]
                yield f"image_{row}_grad_cam_{one.name}", map_picture(cam.pixels[0], "activation")

    def change(self) -> Pictures:
        """The smallest change, and the smallest step of the gradient's signs, that give the images another answer."""
        from convviz.cli.probe_files import image_picture, map_picture
        from convviz.probe.attack import smallest_change, smallest_fgsm

        for row in self._rows:
            x, start = self.split.images[row], int(self.found.answers[row])
            say = told(f"change of image {row:,}")
            ways = {
                "smallest": smallest_change(self.network, x, to=self.to, progress=say),
                "fgsm": smallest_fgsm(self.network, x, to=self.to, progress=say),
            }
            for name, made in ways.items():
                group = f"change/{row}/{name}"
                if not made.found:
                    goal = "another answer than" if self.to is None else f"the answer {self.names[self.to]} instead of"
                    print_out(f"image {row:,}, {name}: no change was found that gets {goal} {self.names[start]}")
                    continue
                self.arrays |= {
                    f"{group}/image": made.image,
                    f"{group}/change": made.change,
                    f"{group}/before": made.before,
                    f"{group}/after": made.after,
                }
                print_out(
                    f"image {row:,}, {name}: {self.names[start]} becomes {self.names[int(made.after.argmax())]}, "
                    f"L2 {made.norm:.4f}, no pixel moves by more than {made.largest:.4f}"
                )
                yield f"image_{row}_change_{name}", map_picture(made.change.sum(axis=0), "gradient")
                yield f"image_{row}_changed_{name}", image_picture(made.image)

    @property
    def _rows(self) -> tuple[int, ...]:
        """Rows of the images to explain."""
        return self.images or tuple(int(row) for row in self.found.worst()[:EXPLAINED]) or (0,)

    def filters(self) -> Pictures:
        """The patches that excite each filter most."""
        from convviz.cli.probe_files import patches_picture
        from convviz.probe.filters import measure_filters

        made = measure_filters(self.network, self.split, self.layer, progress=told("filters"))
        group = f"filters/{made.layer}"
        self.arrays |= {
            f"{group}/largest": made.largest,
            f"{group}/on": made.on,
            f"{group}/class_means": made.class_means,
            f"{group}/rows": made.rows,
            f"{group}/places": made.places,
            f"{group}/values": made.values,
            f"{group}/patches": made.patches,
        }
        print_out(
            f"{made.layer}: {int(made.silent.sum())} of {counted(len(made.on), 'filter')} "
            f"{'is' if made.silent.sum() == 1 else 'are'} above 0 nowhere"
        )
        yield f"filters_{made.layer}", patches_picture(made.patches)

    def ablation(self) -> Pictures:
        """The network's accuracy without each filter."""
        from convviz.probe.ablation import rank_filters

        made = rank_filters(self.network, self.split, self.layer, threads=self.threads, progress=told("ablation"))
        self.arrays |= {f"ablation/{made.layer}/without": made.without, f"ablation/{made.layer}/ranking": made.ranking}
        for number in made.ranking[:5]:
            print_out(f"{made.layer}[{number}]: {made.without[number]:.2%} right without it")
        return iter(())

    def kernels(self) -> Pictures:
        """The frequencies that each kernel passes, and the filters that are alike."""
        from convviz.cli.probe_files import map_picture
        from convviz.probe.kernels import compare_kernels

        made = compare_kernels(self.network, self.layer)
        group = f"kernels/{made.layer}"
        self.arrays |= {f"{group}/spectrum": made.spectrum, f"{group}/correlation": made.correlation}
        for one, other, r in made.twins()[:5]:
            print_out(f"{made.layer}: filters {one} and {other} are twins, correlation {r:.3f}")
        yield f"kernels_{made.layer}_correlation", map_picture(made.correlation, "weight")
        yield f"kernels_{made.layer}_spectrum", map_picture(side_by_side(made.spectrum), "activation")

    def evidence(self) -> Pictures:
        """The weight of each position of the last maps in the score of each class."""
        from convviz.cli.probe_files import map_picture
        from convviz.probe.evidence import weights_of_evidence

        made = weights_of_evidence(self.network)
        self.arrays |= {"evidence/weights": made.weights, "evidence/bias": made.bias}
        exact = "exact" if made.is_exact else "activations left out"
        print_out(f"evidence: weights of {made.array} for {len(made.bias)} classes, {exact}")
        for name, weights in zip(self.names, made.weights, strict=True):
            label = "".join(letter if letter.isalnum() else "_" for letter in name)
            yield f"evidence_{label}", map_picture(side_by_side(weights), "weight")

    def pruning(self) -> Pictures:
        """The accuracy without the smallest weights."""
        from convviz.probe.mistakes import measure_mistakes
        from convviz.probe.pruning import prune

        right = []
        for percent in PRUNED:
            without = prune(self.network, percent / 100).network
            found = measure_mistakes(without, self.split, threads=self.threads, progress=told(f"without {percent} %"))
            right.append(found.accuracy)
            print_out(f"{found.accuracy:.2%} right without {percent} % of the weights")
        self.arrays |= {"pruning/share": np.array(PRUNED) / 100, "pruning/accuracy": np.array(right)}
        return iter(())

    def map(self) -> Pictures:
        """The images as points: the first two principal components of what the last layer computes."""
        from convviz.probe.principal import principal_map

        layer = self.network.design.layers[-1].name
        self.arrays[f"map/{layer}"] = principal_map(self.network, self.split, layer, progress=told("map")).points
        return iter(())


def side_by_side(maps: Array) -> Array:
    """Maps ``(n, h, w)`` tiled into one that is about as wide as high, with a line of zeros between tiles."""
    count, height, width = maps.shape
    columns = max(1, round((count * height / width) ** 0.5))
    lines = -(-count // columns)
    sheet = np.zeros((lines * (height + 1) - 1, columns * (width + 1) - 1))
    for number, one in enumerate(maps):
        top, left = (number // columns) * (height + 1), (number % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = one
    return sheet
