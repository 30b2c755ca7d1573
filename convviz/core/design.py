"""A design: the network, and how it is to be trained. One frozen value with one schema."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from convviz.core.augment.settings import OFF, Augmentation
from convviz.core.errors import DesignError
from convviz.core.init import Init
from convviz.core.layers import AnyLayer, Conv2D, Dense, Flatten, ReLU
from convviz.core.optim import SGD, AnyOptimiser
from convviz.core.schedule import AnySchedule, Constant

FORMAT = 6
"""Version of the schema. 2 brought augmentation, 3 branches, 5 class names; 3 to 6 also brought layers and fields."""


class Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Size of the images that the network takes."""

    channels: Annotated[int, Meta(ge=1, le=64)] = 1
    height: Annotated[int, Meta(ge=1, le=1024)] = 28
    width: Annotated[int, Meta(ge=1, le=1024)] = 28


Loss = Literal["cross-entropy", "hinge", "mse"]
Weight = Annotated[float, Meta(ge=0.0, le=1e6)]


class Training(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the network is trained.

    Parameters
    ----------
    optimiser : Optimiser
    batch_size : int
        Images per step.
    epochs : int
        Passes over the training images.
    init : Init
        Initial weights of layers that don't set their own.
    seed : int
        Decides the initial weights, the order of the images, augmentation and dropout: one seed gives one run.
    train_size, test_size : int or None
        Use only this many images, from the start of the data set; None uses all.
    label_smoothing : float
        0 … <1: share of the target that is spread over all classes.
    loss : str
        What training minimises: ``cross-entropy`` of the softmax, the multi-class ``hinge`` of a support vector
        machine, or ``mse``, the mean squared error of the scores.
    class_weights : tuple of float, optional
        How much an image of each class counts in the loss, one number a class; all count the same unless given.
    ignored_label : int, optional
        Images with this label count neither in the loss nor in the accuracy.
    schedule : Schedule
        How the learning rate changes over time.
    weight_decay : float or None
        How strongly weights are pulled towards 0: through the gradients, or with AdamW directly. None uses the
        optimiser's default: 0.01 for AdamW, 0 for the others.
    clip_norm : float or None
        Largest norm of all gradients together; None doesn't clip.
    augmentation : Augmentation
        How training changes its images at random; off by default.
    """

    optimiser: AnyOptimiser = SGD()
    batch_size: Annotated[int, Meta(ge=1, le=65536)] = 64
    epochs: Annotated[int, Meta(ge=1, le=100000)] = 50
    init: Init = Init(kind="course")
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    train_size: Annotated[int, Meta(ge=1)] | None = None
    test_size: Annotated[int, Meta(ge=1)] | None = None
    label_smoothing: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    schedule: AnySchedule = Constant()
    loss: Loss = "cross-entropy"
    class_weights: Annotated[tuple[Weight, ...], Meta(max_length=10000)] | None = None
    ignored_label: Annotated[int, Meta(ge=0, lt=10000)] | None = None
    weight_decay: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    clip_norm: Annotated[float, Meta(gt=0.0, le=1e6)] | None = None
    augmentation: Augmentation = OFF

    @property
    def format(self) -> int:
        """The oldest version of the schema that can express these settings."""
        if self.loss != "cross-entropy" or self.class_weights is not None or self.ignored_label is not None:
            return 4
        return 2 if self.augmentation.is_on else 1

    def chance(self, classes: int) -> float:
        """The least loss of a network that can't tell the classes apart, and so gives every image the same scores."""
        classes = max(classes, 2)
        match self.loss:
            case "hinge":
                return classes - 1.0
            case "mse":
                return (1.0 - self.label_smoothing) ** 2 * (classes - 1) / classes**2
        return math.log(classes)

    def image_weights(self, classes: int) -> tuple[float, ...] | None:
        """How much an image of each class counts in the loss; None if all count the same."""
        if self.class_weights is None and self.ignored_label is None:
            return None
        weights = self.class_weights or (1.0,) * classes
        return tuple(0.0 if label == self.ignored_label else weight for label, weight in enumerate(weights))


ClassName = Annotated[str, Meta(min_length=1, max_length=100)]


class Design(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network and its training.

    Parameters
    ----------
    name : str
    about : str
        One or two sentences for the list of presets.
    input : Input
    classes : int
    class_names : tuple of str
        One for every class, or none; then the data set's names are used.
    layers : tuple of Layer
        Each reads the one before unless it names its inputs; see :mod:`convviz.core.wiring`. The last one must give one
        score per class; softmax and cross-entropy are added automatically.
    training : Training
    """

    name: str = "untitled"
    about: str = ""
    input: Input = Input()
    classes: Annotated[int, Meta(ge=2, le=10000)] = 10
    class_names: Annotated[tuple[ClassName, ...], Meta(max_length=10000)] = ()
    layers: tuple[AnyLayer, ...] = ()
    training: Training = Training()

    def named(self) -> Design:
        """The same design with every unnamed layer numbered by its kind: conv1, relu1, conv2 …

        Raises
        ------
        DesignError
            Two layers have the same name, or a name does not consist of letters, digits, - and _.
        """
        taken = {layer.name for layer in self.layers if layer.name}
        counts: dict[str, int] = {}
        layers = []
        seen: set[str] = set()
        for layer in self.layers:
            name = layer.name
            while not name:
                counts[layer.stem] = counts.get(layer.stem, 0) + 1
                candidate = f"{layer.stem}{counts[layer.stem]}"
                name = "" if candidate in taken else candidate
            if not name.replace("_", "").replace("-", "").isalnum() or name in RESERVED:
                raise DesignError(
                    f"layer name: expected letters, digits, - and _, got {name!r}", layer=name, field="name"
                )
            if name in seen:
                raise DesignError(
                    f"{name}: expected every layer to have its own name, got two of this one",
                    layer=name,
                    field="name",
                )
            seen.add(name)
            layers.append(replace(layer, name=name))
        return replace(self, layers=tuple(layers))

    @property
    def format(self) -> int:
        """The oldest version of the schema that can express the design, so that older programs can open it."""
        named = [5] if self.class_names else []
        return max([layer.format for layer in self.layers] + [self.training.format, *named])


RESERVED = frozenset({"softmax", "optimiser", "x", "labels", "lr", "t"})


def checked(design: Design) -> Design:
    """Check every field against the schema's ranges.

    Raises
    ------
    DesignError
        The message names the field, what was expected and what was given.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(design), Design)
    except msgspec.ValidationError as error:
        raise DesignError(f"{design.name}: {error}") from None


def course_design(
    *,
    filters: int = 32,
    kernel: tuple[int, int] = (7, 7),
    stride: int = 1,
    padding: int = 1,
    image: Input = Input(),  # noqa: B008 (a frozen value)
    classes: int = 10,
    training: Training = Training(),  # noqa: B008
) -> Design:
    """The course original: one convolution, ReLU, one dense layer."""
    return Design(
        name="course-7x7" if kernel == (7, 7) else f"course-{kernel[0]}x{kernel[1]}",
        input=image,
        classes=classes,
        layers=(
            Conv2D(filters=filters, kernel=kernel, stride=stride, padding=padding),
            ReLU(),
            Flatten(),
            Dense(units=classes),
        ),
        training=training,
    ).named()
