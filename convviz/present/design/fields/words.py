"""The texts about each field: label, tooltip, unit, and when a change takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["CHOICE_WORDS", "NONE_WORDS", "Words", "choice_word", "title_of", "words_of"]

# The trainer can take these over between two minibatches: see Trainer.adopt.
LIVE = "Takes effect at once, also while training runs."
RESTART = "Takes effect when training starts anew."


@dataclass(frozen=True, slots=True)
class Words:
    """The texts about a field.

    Parameters
    ----------
    label : str
    tip : str
        What the field does, in a sentence or two.
    unit : str
    live : bool or None
        Whether a change applies while training runs; None if the text should not mention it.
    step : int
        Step of whole numbers for arrow keys and the wheel.
    main : bool
        Whether a layer's card always shows it, even at its default and if the layer isn't selected.
    square : bool
        Whether one number for both axes is shown as 7×7.
    order : tuple of str
        The choices in the order in which they are listed.
    usual : tuple of int
        Numbers that are listed beside the words that the field accepts.
    least : float
        Smallest number above 0 that arrow keys and the wheel reach; not for whole numbers.
    """

    label: str
    tip: str = ""
    unit: str = ""
    live: bool | None = None
    step: int = 1
    main: bool = False
    square: bool = False
    order: tuple[str, ...] = ()
    usual: tuple[int, ...] = ()
    least: float = 1e-4

    @property
    def when(self) -> str:
        """When a change takes effect."""
        return "" if self.live is None else LIVE if self.live else RESTART

    def ordered(self, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Sort choices into the order of the list."""
        return tuple(sorted(choices, key=lambda one: self.order.index(one) if one in self.order else len(self.order)))


_SAME = "“same” adds enough to keep the size at stride 1, “valid” adds none."

# Keys are a field's name, or the struct's tag and the name if the same name means two things.
WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "name": Words("name", "Letters, digits, - and _. It is in the name of every array of the layer: conv1.weight."),
        "input": Words("from", "Which earlier layers it reads: the one before unless others are chosen (I)."),
        # --- layers
        "filters": Words("filters", "How many filters slide over the input; each makes one feature map.", main=True),
        "kernel": Words("kernel", "Height × width of the moving window.", "cells", main=True, square=True),
        "stride": Words("stride", "How far the window moves, down × across.", "cells", main=True, usual=(1, 2)),
        "padding": Words(
            "padding", f"Zeros put around the maps, rows × columns. {_SAME}", "cells", main=True, usual=(0, 1, 2)
        ),
        "dilation": Words("dilation", "Distance between the cells that the kernel reads; 1 leaves no gaps.", "cells"),
        "groups": Words(
            "groups",
            "Channels and filters are divided into this many separate groups. As many groups as channels is a "
            "depthwise convolution.",
        ),
        "group_norm.groups": Words("groups", "How many groups the channels are divided into.", main=True),
        "over": Words(
            "over",
            "“image”: one mean for the whole image, and a scale for every cell. “channels”: one mean for every place, "
            "and a scale for every channel.",
            main=True,
        ),
        "affine": Words("scale and shift", "Whether what was normalised gets a learned scale and shift."),
        "bias": Words("bias", "Whether every filter or unit adds its own number."),
        "init": Words(
            "initial weights", "How the weights start; “design's” uses the rule chosen for the whole design."
        ),
        "bias_init": Words("initial bias", "What the biases start at."),
        "units": Words("units", "How many outputs; the last layer needs one per class.", main=True),
        "size": Words("size", "How many neighbouring channels count, an odd number.", "channels", main=True, step=2),
        "local_response_norm.alpha": Words("α", "How much the squares of the neighbours count."),
        "beta": Words("β", "The exponent of the divisor."),
        "k": Words("k", "Keeps the divisor away from zero."),
        "low": Words("low", "Smaller numbers become this.", main=True),
        "high": Words("high", "Larger numbers become this.", main=True),
        "top": Words("top", "Rows of zeros above the maps.", "rows", main=True),
        "bottom": Words("bottom", "Rows of zeros below the maps.", "rows", main=True),
        "left": Words("left", "Columns of zeros to the left.", "columns", main=True),
        "right": Words("right", "Columns of zeros to the right.", "columns", main=True),
        "output_padding": Words(
            "output padding", "Extra rows and columns at the bottom and right; fewer than the stride.", "cells"
        ),
        "conv_transpose2d.padding": Words(
            "padding", "Rows and columns cut off at each side of what the filters cover.", "cells", main=True
        ),
        "conv_transpose2d.stride": Words(
            "stride", "How far apart neighbouring cells put their filters; 2 doubles the maps.", "cells", main=True
        ),
        "upsample.scale": Words(
            "scale", "How many times as high and as wide the maps become.", "times", main=True, square=True
        ),
        "mode": Words("mode", "“nearest” repeats every cell, “bilinear” interpolates between cells.", main=True),
        "align_corners": Words(
            "align corners", "For “bilinear”: aligns the centres of the corner cells; otherwise their outer edges."
        ),
        "output": Words("output", "Height and width of the maps that it makes.", "cells", main=True, square=True),
        "crop2d.top": Words("top", "Rows cut off above.", "rows", main=True),
        "crop2d.bottom": Words("bottom", "Rows cut off below.", "rows", main=True),
        "crop2d.left": Words("left", "Columns cut off to the left.", "columns", main=True),
        "crop2d.right": Words("right", "Columns cut off to the right.", "columns", main=True),
        "reflect_pad2d.top": Words("top", "Mirrored rows above the maps.", "rows", main=True),
        "reflect_pad2d.bottom": Words("bottom", "Mirrored rows below the maps.", "rows", main=True),
        "reflect_pad2d.left": Words("left", "Mirrored columns to the left.", "columns", main=True),
        "reflect_pad2d.right": Words("right", "Mirrored columns to the right.", "columns", main=True),
        "start": Words("first", "Number of the first channel that goes on, from 0.", "channels", main=True),
        "stop": Words("end", "Number after that of the last channel that goes on.", "channels", main=True),
        "count_padding": Words("count padding", "Whether zeros of the padding count as cells of a mean."),
        "channel_shuffle.groups": Words(
            "groups", "How many groups of channels take turns; they have the same size.", "groups", main=True
        ),
        "ceil": Words("round up", "One more window over the bottom or right edge, where windows don't come out even."),
        "prelu.slope": Words("starts at", "What every slope starts at; training changes it.", main=True),
        "shared": Words("one for all", "Whether one slope serves all channels; else each has its own."),
        "rescale.scale": Words("scale", "What every number is multiplied by; training leaves it.", main=True),
        "rescale.shift": Words("shift", "What is added to every number; training leaves it.", main=True),
        "slope": Words("slope", "What negative numbers are multiplied by.", main=True),
        "rate": Words("rate", "Share of the cells that each step of training sets to zero, at random.", main=True),
        "momentum": Words(
            "momentum", "How much of the last movement is kept: at 0.9 about ten steps' worth.", live=True
        ),
        "batch_norm2d.momentum": Words("momentum", "Weight of a new minibatch in the running mean and variance."),
        "elu.alpha": Words("α", "Large negative numbers approach −α.", main=True),
        "alpha": Words("α", "How much of the mean of past squared gradients is kept.", live=True),
        "initial": Words("starts at", "What the sum of squared gradients starts at.", live=False),
        **dict.fromkeys(
            [f"{norm}.epsilon" for norm in ("batch_norm2d", "group_norm", "instance_norm", "layer_norm")],
            Words("ε", "Keeps the divisor away from zero."),
        ),
        "epsilon": Words("ε", "Keeps the divisor away from zero.", live=True),
        "approximate": Words("formula", "“none” uses the error function, “tanh” the older approximation.", main=True),
        # --- input
        "channels": Words("channels", "1 for grey images, 3 for colour.", live=False),
        "height": Words("height", "Rows of the images.", "pixels", live=False),
        "width": Words("width", "Columns of the images.", "pixels", live=False),
        "classes": Words("classes", "How many kinds of images the network tells apart.", live=False),
        # --- training
        "optimiser": Words("optimiser", "The rule that turns gradients into movements of the weights.", live=False),
        "lr": Words(
            "learning rate",
            "How far the weights go along their gradient: too small is slow, too large blows up.",
            live=True,
        ),
        "schedule": Words("schedule", "How the learning rate changes over the epochs.", live=True),
        "every": Words("every", "Epochs between two changes.", "epochs", live=True),
        "gamma": Words("factor", "What the learning rate is multiplied by at every change.", live=True),
        "warmup": Words(
            "warm-up", "Steps at the start in which the rate rises to its full value.", "steps", live=True, step=100
        ),
        "final": Words("ends at", "Share of the learning rate that is left at the end.", live=True),
        "weight_decay": Words(
            "weight decay",
            "How strongly weights are drawn to zero; “usual” is 0.01 for AdamW and 0 for the others.",
            live=True,
        ),
        "clip_norm": Words("clip gradient", "Gradients whose joint length is greater are shortened to it.", live=True),
        "beta1": Words("β₁", "How much of the mean of past gradients is kept.", live=True),
        "beta2": Words("β₂", "How much of the mean of past squared gradients is kept.", live=True),
        "rho": Words("ρ", "How much of the mean of past squared gradients is kept.", live=True),
        "batch_size": Words("batch size", "Images per step; a step moves the weights once.", "images", live=False),
        "epochs": Words("epochs", "How often training goes through all its images.", "passes", live=True),
        "seed": Words(
            "seed",
            "Decides initial weights, the order of the images, augmentation and dropout. One seed, one run.",
            live=False,
        ),
        "training.init": Words(
            "initial weights", "How the weights start in layers that have no rule of their own.", live=False
        ),
        "train_size": Words(
            "training images",
            "How many images of the training set are used, starting with the first; or “all”.",
            live=False,
            step=1000,
            usual=(1000, 10000),
        ),
        "test_size": Words(
            "test images",
            "How many images of the test set are used, starting with the first; or “all”.",
            live=False,
            step=1000,
            usual=(1000, 10000),
        ),
        "augmentation": Words(
            "augmentation", "How training changes its images at random, each time it shows them.", live=True
        ),
        "flip": Words("flip", "Probability that an image is mirrored left and right.", live=True, least=0.1),
        "shift": Words(
            "shift", "Images are moved by up to this much: up or down, left or right.", "pixels", live=True, least=0.5
        ),
        "rotate": Words("rotate", "Images are turned by up to this much, either way.", "degrees", live=True, least=1.0),
        "augmentation.scale": Words(
            "scale", "Images are enlarged or shrunk by up to this share: 0.1 is 0.9 to 1.1.", live=True, least=0.01
        ),
        "shear": Words("shear", "Images lean by up to this much, either way.", "degrees", live=True, least=1.0),
        "elastic": Words(
            "elastic",
            "Images are bent smoothly; pixels move about this far (standard deviation).",
            "pixels",
            live=True,
            least=0.1,
        ),
        "erase": Words(
            "erase", "Probability that a rectangle of 2 to 20 % of an image is set to 0.", live=True, least=0.1
        ),
        "noise": Words(
            "noise",
            "Normal random numbers of this standard deviation are added to the pixels.",
            live=True,
            least=0.01,
        ),
        "loss": Words(
            "loss",
            "What training makes small: cross-entropy of the softmax, the hinge of a support vector machine, or the "
            "mean squared error of the scores. The hinge is summed over the classes: its gradients are several times "
            "larger than those of cross-entropy, so a smaller learning rate suits it.",
            live=True,
            order=("cross-entropy", "hinge", "mse"),
        ),
        "class_weights": Words(
            "class weights", "How much an image of each class counts in the loss: a number for each class.", live=True
        ),
        "ignored_label": Words(
            "ignored label", "Images with this label count neither in the loss nor in the accuracy.", live=True
        ),
        "label_smoothing": Words(
            "label smoothing",
            "Share of the target that is spread over all classes, so that the network need not be fully certain.",
            live=True,
        ),
        "kind": Words(
            "kind",
            "",
            order=(
                *("he-normal", "he-uniform", "xavier-normal", "xavier-uniform"),
                *("normal", "truncated-normal", "course", "constant", "zeros"),
            ),
        ),
        "scale": Words("scale", "Standard deviation of the normal distributions; the value of “constant”."),
    }
)

NONE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "train_size": "all",
        "test_size": "all",
        "init": "design's",
        "stride": "as kernel",
        "clip_norm": "off",
        "class_weights": "all 1",
        "weight_decay": "usual",
    }
)
"""Words for an empty field."""

CHOICE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "he-normal": "He normal",
        "he-uniform": "He uniform",
        "xavier-normal": "Xavier normal",
        "xavier-uniform": "Xavier uniform",
        "normal": "normal",
        "truncated-normal": "trunc. normal",
        "course": "randn / √(n/2)",
        "constant": "constant",
        "zeros": "zeros",
        "hinge": "hinge (SVM)",
        "mse": "mean squared error",
    }
)


def choice_word(value: str) -> str:
    """The displayed word for a choice."""
    return CHOICE_WORDS.get(value, value.replace("_", " "))


def title_of(kind: type) -> str:
    """The displayed name of a layer, an optimiser or a schedule."""
    return getattr(kind, "title", "") or kind.__name__


def words_of(tag: str, name: str) -> Words:
    """The texts about the field ``name`` of the struct with that tag; just its name if the table has none."""
    return WORDS.get(f"{tag}.{name}") or WORDS.get(name) or Words(name.replace("_", " "))
