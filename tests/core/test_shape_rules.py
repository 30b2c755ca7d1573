"""An impossible network never reaches a kernel; the message names the layer, the expected and the given."""

from __future__ import annotations

import msgspec
import pytest
from engine_zoo import net

from convviz.core.design import Design, Input, Training, checked
from convviz.core.errors import DesignError, ShapeError
from convviz.core.layers import (
    GELU,
    AnyLayer,
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    InstanceNorm,
    LeakyReLU,
    MaxPool2D,
    Softmax,
)
from convviz.core.lower import lower
from convviz.core.optim import SGD, Adam, Momentum
from convviz.present.design.costs import costs
from convviz.present.design.repairs import repairs


def lowered(*layers: AnyLayer, image: tuple[int, int, int] = (2, 5, 4), classes: int = 3) -> None:
    channels, height, width = image
    lower(
        Design(name="try", input=Input(channels=channels, height=height, width=width), classes=classes, layers=layers),
        1,
    )


END = (Flatten(), Dense(units=3))

REFUSED: dict[str, tuple[tuple[AnyLayer, ...], str, str, str]] = {
    "filter larger than the image": (
        (Conv2D(kernel=7), *END),
        "conv1: filter 7×7 is larger than its padded input 5×4",
        "conv1",
        "kernel",
    ),
    "filter larger than the padded image": (
        (Conv2D(kernel=(3, 9), padding=(0, 2)), *END),
        "conv1: filter 3×9 is larger than its padded input 5×8",
        "conv1",
        "kernel",
    ),
    "filter too wide with its dilation": (
        (Conv2D(kernel=3, dilation=2), *END),
        "conv1: filter 3×3, 5×5 with its dilation, is larger than its padded input 5×4",
        "conv1",
        "kernel",
    ),
    "second filter": (
        (Conv2D(filters=1), Conv2D(filters=1, kernel=4), *END),
        "conv2: filter 4×4 is larger than its padded input 3×2",
        "conv2",
        "kernel",
    ),
    "groups": (
        (Conv2D(filters=4, groups=3), *END),
        "conv1: 3 groups must divide its 2 input channels and its 4 filters",
        "conv1",
        "groups",
    ),
    "maximum window": (
        (MaxPool2D(kernel=(6, 2)), *END),
        "maxpool1: window 6×2 is larger than its padded input 5×4",
        "maxpool1",
        "kernel",
    ),
    "mean window": (
        (AvgPool2D(kernel=6), *END),
        "avgpool1: window 6×6 is larger than its padded input 5×4",
        "avgpool1",
        "kernel",
    ),
    "padding of a maximum": (
        (MaxPool2D(kernel=2, padding=2), *END),
        "maxpool1: padding must be smaller than the 2×2 window, got 2×2",
        "maxpool1",
        "padding",
    ),
    "padding of a mean": (
        (AvgPool2D(kernel=(3, 1), padding=(2, 1)), *END),
        "avgpool1: padding must be smaller than the 3×1 window, got 2×1",
        "avgpool1",
        "padding",
    ),
    "a dilated maximum around the maps": (
        (MaxPool2D(kernel=(1, 2), stride=1, dilation=(1, 6), padding=(0, 2)), *END),
        "maxpool1: every window must have a cell inside the 5×4 maps; with padding 0×2 and dilation 1×6 one has none",
        "maxpool1",
        "padding",
    ),
    "a dilated mean around the maps": (
        (AvgPool2D(kernel=(2, 1), stride=1, dilation=(7, 1), padding="same", count_padding=False), *END),
        "avgpool1: every window must have a cell inside the 5×4 maps; with padding same and dilation 7×1 one has none",
        "avgpool1",
        "dilation",
    ),
    "dense without flatten": (
        (Dense(units=3),),
        "dense1: expects one row of features per image, got 2 maps of 5×4; put a Flatten before it",
        "dense1",
        "",
    ),
    "convolution after flatten": (
        (Flatten(), Conv2D()),
        "conv1: expects maps (channels × height × width), got one row of 40 features",
        "conv1",
        "",
    ),
    "pooling after flatten": (
        (Flatten(), MaxPool2D()),
        "maxpool1: expects maps (channels × height × width), got one row of 40 features",
        "maxpool1",
        "",
    ),
    "global pooling after flatten": (
        (Flatten(), GlobalAvgPool()),
        "gap1: expects maps (channels × height × width), got one row of 40 features",
        "gap1",
        "",
    ),
    "batch normalisation after flatten": (
        (Flatten(), BatchNorm2D()),
        "bn1: expects maps (channels × height × width), got one row of 40 features",
        "bn1",
        "",
    ),
    "group normalisation after flatten": (
        (Flatten(), GroupNorm(groups=1)),
        "gn1: expects maps (channels × height × width), got one row of 40 features",
        "gn1",
        "",
    ),
    "groups of a normalisation": (
        (GroupNorm(groups=3), *END),
        "gn1: 3 groups must divide its 2 channels",
        "gn1",
        "groups",
    ),
    "a single channel": (
        (Conv2D(filters=1), Softmax(), *END),
        "softmax1: expected two channels or more, got one, whose share is always 1",
        "softmax1",
        "",
    ),
    "a single number normalised": (
        (Conv2D(kernel=(5, 4)), InstanceNorm(), *END),
        "in1: expected at least two numbers to normalise, got one, which would be 0",
        "in1",
        "",
    ),
    "flatten twice": (
        (Flatten(), Flatten()),
        "flatten2: expects maps (channels × height × width), got one row of 40 features",
        "flatten2",
        "",
    ),
    "wrong number of scores": (
        (Flatten(), Dense(units=4)),
        "dense1: expected 3 scores, one per class, got 4",
        "dense1",
        "",
    ),
    "maps for scores": (
        (Conv2D(filters=3, name="only"),),
        "only: expected 3 scores, one per class, got 3×3×2",
        "only",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_that_an_impossible_network_is_refused_in_one_sentence(name: str) -> None:
    layers, sentence, layer, field = REFUSED[name]

    with pytest.raises(ShapeError) as refused:
        lowered(*layers)

    assert str(refused.value) == sentence
    assert (refused.value.layer, refused.value.field) == (layer, field)


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        (
            Training(loss="hinge", label_smoothing=0.1),
            "label_smoothing: expected 0 with the hinge loss, which knows right and wrong only, got 0.1",
        ),
        (Training(class_weights=(1.0, 2.0)), "class_weights: expected a number for each of the 3 classes, got 2"),
        (Training(class_weights=(0.0,) * 3), "class_weights: expected a number above 0, got zeros only"),
        (Training(ignored_label=3), "ignored_label: expected a class from 0 to 2, got 3"),
    ],
    ids=["smoothing", "few weights", "zeros", "label"],
)
def test_that_a_loss_that_does_not_fit_is_refused_and_repaired(training: Training, sentence: str) -> None:
    design = Design(classes=3, layers=END, training=training)
    with pytest.raises(DesignError) as refused:
        lower(design, 1)
    assert str(refused.value) == sentence
    [repair] = repairs(design)
    assert costs(repair.design).valid


def test_that_a_network_needs_a_layer() -> None:
    with pytest.raises(DesignError, match=r"^try: expected at least one layer, got none$"):
        lowered()


@pytest.mark.parametrize("name", ["lr", "x", "softmax", "two words", "ü.z", "optimiser"])
def test_that_a_layers_name_must_be_a_word_of_its_own(name: str) -> None:
    with pytest.raises(DesignError, match="layer name: expected letters"):
        lowered(Flatten(name=name), Dense(units=3))


def test_that_two_layers_cannot_have_one_name() -> None:
    with pytest.raises(DesignError, match=r"^a: expected every layer to have its own name, got two of this one$"):
        lowered(Flatten(name="a"), Dense(units=3, name="a"))


@pytest.mark.parametrize(
    ("layer", "where"),
    [
        (Conv2D(filters=0), "filters"),
        (Conv2D(stride=0), "stride"),
        (Conv2D(padding=-1), "padding"),
        (Conv2D(dilation=(0, 1)), "dilation"),
        (MaxPool2D(kernel=0), "kernel"),
        (AvgPool2D(stride=(1, 0)), "stride"),
        (LeakyReLU(slope=1.5), "slope"),
        (Dropout(rate=1.0), "rate"),
        (Dropout(rate=-0.1), "rate"),
        (BatchNorm2D(epsilon=0.0), "epsilon"),
        (BatchNorm2D(momentum=0.0), "momentum"),
        (GroupNorm(groups=0), "groups"),
        (InstanceNorm(epsilon=2.0), "epsilon"),
        (GELU(approximate="erf"), "approximate"),  # type: ignore[arg-type]
    ],
    ids=str,
)
def test_that_a_field_out_of_range_is_named(layer: AnyLayer, where: str) -> None:
    with pytest.raises(DesignError, match=rf"\$\.layers\[0\]\.{where}|\.{where}"):
        checked(Design(layers=(layer, *END), classes=3))


@pytest.mark.parametrize(
    ("training", "where"),
    [
        (Training(optimiser=SGD(lr=0.0)), "lr"),
        (Training(optimiser=Momentum(momentum=1.0)), "momentum"),
        (Training(optimiser=Adam(beta2=1.0)), "beta2"),
        (Training(clip_norm=0.0), "clip_norm"),
        (Training(weight_decay=-1.0), "weight_decay"),
        (Training(label_smoothing=1.0), "label_smoothing"),
        (Training(batch_size=0), "batch_size"),
    ],
    ids=str,
)
def test_that_a_training_setting_out_of_range_is_named(training: Training, where: str) -> None:
    with pytest.raises(DesignError, match=where):
        checked(Design(training=training))


def test_that_a_design_of_all_layers_survives_being_written_and_read() -> None:
    design = Design(
        layers=(
            Conv2D(kernel=(3, 5), padding="same", groups=1),
            BatchNorm2D(),
            LeakyReLU(),
            MaxPool2D(kernel=(2, 1), stride=1),
            AvgPool2D(padding=1),
            GELU(approximate="tanh"),
            Dropout(),
            GlobalAvgPool(),
            Dense(),
        ),
        training=Training(optimiser=Adam(beta1=0.5), clip_norm=1.0, weight_decay=0.1),
    )

    assert msgspec.json.decode(msgspec.json.encode(design), type=Design) == design


def test_that_padding_keeps_sizes_where_it_says_same() -> None:
    for kernel in range(1, 6):
        for stride in (1, 2, 3):
            conv = Conv2D(filters=1, kernel=kernel, stride=stride, padding="same")
            pool = MaxPool2D(kernel=kernel, stride=stride, padding="same")
            for layer in (conv, pool):
                program = lower(net(layer, image=(1, 7, 9)), 1)
                made = program.arrays["conv1.z" if layer is conv else "maxpool1.a"]
                assert made.shape[2:] == (-(-7 // stride), -(-9 // stride))
