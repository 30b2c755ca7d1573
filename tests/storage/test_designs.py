"""Designs as text: what is written reads back, and everything else is refused in one sentence."""

from __future__ import annotations

import os
import random
from functools import partial
from pathlib import Path

import msgspec
import pytest
from depth import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from random_designs import random_design
from refusals import refusal

from convviz.core.augment.settings import OFF, Augmentation
from convviz.core.design import Design, Training
from convviz.core.errors import DesignError
from convviz.core.layers import (
    Add,
    AvgPool2D,
    ChannelShuffle,
    Clip,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    GroupNorm,
    LayerNorm,
    MaxPool2D,
    ReLU,
    Upsample,
    ZeroPad2D,
)
from convviz.storage.designs import MAX_BYTES, load_design, read_design, save_design, write_design
from convviz.storage.presets import preset

START = "format = 1\n"
CONV = START + '[[layers]]\ntype = "conv2d"\nname = "conv1"\n'


@pytest.mark.parametrize("seed", range(60))
def test_that_what_is_written_reads_back_as_the_same_design(seed: int) -> None:
    design = random_design(random.Random(seed))

    assert read_design(write_design(design)) == design


def test_that_equal_designs_are_written_alike() -> None:
    design = random_design(random.Random(1))
    text = write_design(design)

    assert write_design(read_design(text)) == text


def test_that_the_text_is_one_that_people_can_read() -> None:
    design = Design(name="my net", layers=(Conv2D(filters=8, kernel=(3, 5), padding="same"),))
    text = write_design(design)

    assert text.startswith('format = 1\nname = "my net"\n')
    assert '[[layers]]\ntype = "conv2d"\nname = "conv1"\nfilters = 8\nkernel = [3, 5]\nstride = 1\n' in text
    assert 'padding = "same"' in text
    assert "dilation" not in text  # what holds its default and nobody looks for is left out


@given(st.text(max_size=60))
@settings(max_examples=cases(30), deadline=None)
def test_that_any_name_survives(name: str) -> None:
    design = Design(name=name, about=name)

    assert read_design(write_design(design)).name == name


def test_that_augmentation_is_written_and_read_and_says_that_it_needs_format_2() -> None:
    settings = Augmentation(shift=2.0, flip=0.5)
    design = Design(layers=(Conv2D(),), training=Training(augmentation=settings)).named()
    text = write_design(design)

    assert text.startswith("format = 2\n")
    assert "[training.augmentation]\nflip = 0.5\nshift = 2.0\n" in text
    assert read_design(text) == design


def test_that_a_design_without_augmentation_is_still_one_of_format_1() -> None:
    assert write_design(Design()).startswith("format = 1\n")
    assert "augmentation" not in write_design(Design())
    assert read_design(CONV).training.augmentation == OFF


def test_that_layers_without_a_name_are_numbered() -> None:
    design = read_design(START + '[[layers]]\ntype = "conv2d"\n[[layers]]\ntype = "conv2d"\n')

    assert [layer.name for layer in design.layers] == ["conv1", "conv2"]


def test_that_branches_are_written_and_read_and_say_that_they_need_format_3() -> None:
    design = Design(layers=(ReLU(), Conv2D(input="relu1"), Add(input=("", "relu1")))).named()
    text = write_design(design)

    assert text.startswith("format = 3\n")
    assert 'type = "conv2d"\nname = "conv1"\ninput = "relu1"\n' in text
    assert 'type = "add"\nname = "add1"\ninput = ["", "relu1"]\n' in text
    assert read_design(text) == design


def test_that_new_layers_and_fields_say_that_they_need_format_4() -> None:
    design = Design(layers=(AvgPool2D(count_padding=False), ChannelShuffle(groups=4))).named()
    text = write_design(design)

    assert text.startswith("format = 4\n")
    assert 'type = "avg_pool2d"\nname = "avgpool1"\nkernel = 2\npadding = 0\ncount_padding = false\n' in text
    assert read_design(text) == design
    assert write_design(Design(layers=(MaxPool2D(dilation=2),))).startswith("format = 4\n")
    assert write_design(Design(layers=(Upsample(scale=(2, 3)), ConvTranspose2D()))).startswith("format = 4\n")
    assert write_design(Design(layers=(AvgPool2D(),))).startswith("format = 1\n")
    assert write_design(Design(layers=(MaxPool2D(ceil=True),))).startswith("format = 3\n")


def test_that_normalised_channels_need_format_5_and_an_older_design_normalises_images() -> None:
    design = Design(layers=(Conv2D(), LayerNorm(over="channels"))).named()
    text = write_design(design)

    assert text.startswith("format = 5\n")
    assert 'type = "layer_norm"\nname = "ln1"\nover = "channels"\n' in text
    assert read_design(text) == design
    old = read_design('format = 4\n[[layers]]\ntype = "layer_norm"\naffine = false\n')
    assert old.layers == (LayerNorm(name="ln1", over="image", affine=False),)
    assert write_design(old).startswith("format = 4\n")


def test_that_names_of_classes_need_format_5_and_are_written_over_several_lines() -> None:
    names = tuple(f"kind {label}, “so called”" for label in range(1000))
    design = Design(classes=1000, class_names=names, layers=(Flatten(), Dense(units=1000))).named()
    text = write_design(design)

    assert text.startswith("format = 5\n")
    assert max(map(len, text.splitlines())) < 400
    assert read_design(text) == design
    assert "class_names" not in write_design(Design(layers=(Conv2D(),)))
    assert read_design("format = 4\nclasses = 3\n").class_names == ()
    with pytest.raises(DesignError, match="class_names"):
        read_design('format = 5\nclasses = 2\nclass_names = ["a", ""]\n')


def test_that_a_design_of_format_3_keeps_its_meaning() -> None:
    written = {"max_pool2d": "ceil = true\npadding = 1\n", "avg_pool2d": "kernel = 3\npadding = 1\n", "zero_pad2d": ""}
    tables = [f'[[layers]]\ntype = "{kind}"\n{fields}' for kind, fields in written.items()]
    design = read_design("\n".join(["format = 3", *tables]))

    assert design.layers == (
        MaxPool2D(name="maxpool1", ceil=True, padding=1),
        AvgPool2D(name="avgpool1", kernel=3, padding=1, ceil=False, count_padding=True),
        ZeroPad2D(name="pad1", top=1, bottom=1, left=1, right=1),
    )
    assert write_design(design).startswith("format = 3\n")


def test_that_a_design_of_format_2_keeps_its_meaning() -> None:
    text = "format = 2\n" + CONV[len(START) :] + "[training.augmentation]\nflip = 0.5\n"
    design = read_design(text)

    assert design.layers[0].input == ""
    assert design.training.augmentation.flip == 0.5
    assert write_design(design).startswith("format = 2\n")


def test_that_losses_are_of_format_4_and_an_older_design_has_cross_entropy() -> None:
    training = Training(loss="hinge", class_weights=(0.5, 2.0), ignored_label=1)
    design = Design(classes=2, layers=(Conv2D(),), training=training).named()
    text = write_design(design)

    assert text.startswith("format = 4\n")
    assert 'loss = "hinge"\nclass_weights = [0.5, 2.0]\nignored_label = 1\n' in text
    assert read_design(text) == design
    for version in (1, 2, 3):
        old = read_design(f"format = {version}\n" + CONV[len(START) :]).training
        assert (old.loss, old.class_weights, old.ignored_label) == ("cross-entropy", None, None)
    for loss in ("cross-entropy", "mse"):
        assert write_design(Design(training=Training(loss=loss))).startswith(f"format = {4 if loss == 'mse' else 1}\n")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('loss = "l1"', "training.loss: expected"),
        ("class_weights = 2", "training.class_weights: expected a list, got 2"),
        ("class_weights = [1.0, -1.0]", "training.class_weights: expected"),
        ("ignored_label = -1", "training.ignored_label: expected"),
    ],
)
def test_that_a_loss_that_is_none_is_explained(written: str, sentence: str) -> None:
    with pytest.raises(DesignError, match=sentence):
        read_design(START + f"[training]\n{written}\n")


def test_that_layers_of_format_4_say_so_and_a_design_of_format_3_keeps_its_meaning() -> None:
    design = Design(layers=(Conv2D(), GroupNorm(groups=4, affine=False))).named()
    text = write_design(design)

    assert text.startswith("format = 4\n")
    assert 'type = "group_norm"\nname = "gn1"\ngroups = 4\naffine = false\n' in text
    assert read_design(text) == design
    old = "format = 3\n" + CONV[len(START) :] + '[[layers]]\ntype = "clip"\ninput = "conv1"\n'
    assert read_design(old).layers[1] == Clip(name="clip1", input="conv1")
    assert write_design(read_design(old)).startswith("format = 3\n")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("input = 7", "conv1: input: expected text or a list, got 7"),
        ("input = [1]", "conv1: input: expected text, got 1"),
        ("inputs = ['a']", "unknown field “inputs”"),
    ],
)
def test_that_an_input_that_is_no_name_is_explained(written: str, sentence: str) -> None:
    with pytest.raises(DesignError, match=sentence):
        read_design(CONV + written)


def test_that_a_design_of_format_1_keeps_its_meaning() -> None:
    """Defaults that a file leaves out are part of the format: changing one would change every file."""
    design = read_design(CONV)
    layer = design.layers[0]

    assert layer == Conv2D(
        name="conv1",
        filters=32,
        kernel=3,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        init=None,
        bias_init=0.0,
    )
    assert (design.classes, design.input.channels, design.input.height, design.input.width) == (10, 1, 28, 28)
    training = design.training
    assert (training.batch_size, training.epochs, training.seed) == (64, 50, 0)
    assert (training.optimiser.lr, training.label_smoothing) == (0.01, 0.0)
    assert (training.train_size, training.test_size) == (None, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("format = 1", "got none")),
        ("format = 99", ("format 99", "newer convviz")),
        ("format = 'one'", ("format", "whole number", "“one”")),
        ("format = true", ("format", "whole number", "true")),
        (
            START + "[training.augmentation]\nrotate = 200",
            ("training.augmentation.rotate", "from 0.0 to 180.0", "got 200"),
        ),
        (START + "[training.augmentation]\nflip = 'yes'", ("training.augmentation.flip", "number", "“yes”")),
        (START + "[training.augmentation]\nturn = 3", ("training.augmentation", "unknown field “turn”")),
        (CONV + "filters = 0", ("conv1: filters", "from 1 to 65,536", "got 0")),
        (CONV + "filters = 3.5", ("conv1: filters", "whole number", "got 3.5")),
        (CONV + "filters = '32'", ("conv1: filters", "whole number", "“32”")),
        (CONV + "kernel = [3]", ("conv1: kernel", "pair", "got [3]")),
        (CONV + "kernel = [3, 3, 3]", ("conv1: kernel", "pair", "[3, 3, 3]")),
        (CONV + "kernel = [3, 5000]", ("conv1: kernel", "1,024", "5,000")),
        (CONV + "kernel = {}", ("conv1: kernel", "a table")),
        (CONV + 'padding = "full"', ("conv1: padding", "“same” or “valid”", "“full”")),
        (CONV + "bias = 1", ("conv1: bias", "true or false", "got 1")),
        (CONV + "colour = 3", ("conv1", "unknown field “colour”", "kernel")),
        (CONV + "init = { kind = 'he' }", ("conv1: init.kind", "“he-normal”", "“he”")),
        (CONV + CONV[len(START) :], ("conv1", "its own name")),
        (START + "[[layers]]\nfilters = 3", ("layer 1", "expected a type", "conv2d")),
        (START + "[[layers]]\ntype = 'conv3d'", ("layer 1: type", "conv2d", "“conv3d”")),
        (START + "[[layers]]\ntype = 'relu'\nname = 'a b'", ("letters, digits", "a b")),
        (START + "layers = 3", ("layers", "list", "got 3")),
        (START + "layers = [3]", ("layer 1", "table", "got 3")),
        (START + "classes = 1", ("classes", "from 2 to 10,000", "got 1")),
        (START + "colour = 1", ("unknown field “colour”", "layers")),
        (START + "[training.optimiser]\ntype = 'sgd'\nlr = 0", ("training.optimiser.lr", "above 0", "got 0")),
        (START + "[training.optimiser]\ntype = 'sgd'\nlr = nan", ("training.optimiser.lr", "nan")),
        (START + "[training.optimiser]\ntype = 'sgd'\nlr = inf", ("training.optimiser.lr", "inf")),
        (START + "[training]\nseed = 1979-05-27", ("training.seed", "whole number", "a date")),
        (START + "name = 'a", ("TOML", "end of document")),
        (START + "classes = 10\nclasses = 10", ("TOML", "overwrite")),
    ],
)
def test_that_what_does_not_fit_is_refused_naming_field_expected_and_given(text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(DesignError) as refused:
        read_design(text, "my.toml")

    sentence = str(refused.value)
    assert sentence.startswith("my.toml: ")
    assert [part for part in parts if part not in sentence] == [], sentence
    assert "\n" not in sentence


def test_that_the_error_names_layer_and_field_for_programs_too() -> None:
    with pytest.raises(DesignError) as refused:
        read_design(CONV + "kernel = [3, 5000]")

    assert (refused.value.layer, refused.value.field) == ("conv1", "kernel")


DIGITS = "9" * 5000


@pytest.mark.parametrize(
    "text",
    [
        START + "a = " + "[" * 9000,
        START + "a = " + "{a = " * 1900,
        START + "a = " + "[" * 900 + "]" * 900,
        START + "[" + "a." * 4900 + "a]",
        START + "a." * 4900 + "a = 1",
        START + f"seed = {DIGITS}",
        START + f"[training]\nseed = {DIGITS[:4000]}",
        START + "[training]\nseed = 0x" + "f" * 8000,
        START + "[[layers]]\ntype = 'relu'\n" * 5000,
        START + "name = '" + "x" * 9000 + "'",
        START + "about = '''\n" + "x\n" * 9000 + "'''",
        START + "x" * 200_000,
        START + "# " + "x" * (MAX_BYTES + 10),
        "\x00" * 100,
    ],
)
def test_that_hostile_files_are_refused_in_one_short_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.toml"
    path.write_bytes(text.encode())

    with pytest.raises(DesignError) as refused:
        load_design(path)

    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)


@given(st.binary(max_size=300))
@settings(max_examples=cases(40), deadline=None)
def test_that_random_bytes_are_a_design_or_a_sentence(contents: bytes) -> None:
    why = refusal(lambda: read_design(START + contents.decode("utf-8", "replace")))

    assert why is None or str(why)


@pytest.mark.parametrize("seed", range(6))
def test_that_every_truncation_is_a_design_or_a_sentence(seed: int) -> None:
    text = write_design(random_design(random.Random(seed)))
    for end in range(0, len(text), 7):
        why = refusal(partial(read_design, text[:end], "cut.toml"))
        assert why is None or str(why).startswith("cut.toml: ")


@given(st.data())
@settings(max_examples=cases(60), deadline=None)
def test_that_a_file_with_one_wrong_value_is_a_design_or_a_sentence(data: st.DataObject) -> None:
    lines = write_design(random_design(random.Random(data.draw(st.integers(0, 5))))).splitlines()
    at = data.draw(st.sampled_from([number for number, line in enumerate(lines) if " = " in line]))
    key = lines[at].split(" = ")[0]
    wrong = data.draw(
        st.sampled_from(["-1", "0", "1e400", "true", '"x"', "[]", "[1]", "{}", "[[1]]", "1979-05-27", "nan"])
    )
    lines[at] = f"{key} = {wrong}"
    why = refusal(lambda: read_design("\n".join(lines), "wrong.toml"))

    assert why is None or str(why).startswith("wrong.toml: ")


def test_that_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'format = 1\nname = "caf\xe9"\n')

    with pytest.raises(DesignError, match="UTF-8"):
        load_design(path)


def test_that_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mark.toml"
    path.write_bytes(b"\xef\xbb\xbf" + write_design(Design(name="marked")).encode())

    assert load_design(path).name == "marked"


def test_that_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match=r"^none\.toml: can't be read"):
        load_design(tmp_path / "none.toml")
    with pytest.raises(DesignError, match="expected a design, got a folder"):
        load_design(tmp_path)


def test_that_saving_writes_what_loading_reads(tmp_path: Path) -> None:
    design = random_design(random.Random(7))
    path = tmp_path / "mine.toml"
    save_design(design, path)

    assert load_design(path) == design
    assert [one.name for one in tmp_path.iterdir()] == ["mine.toml"]


def test_that_saving_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="expected a folder to write in, found no"):
        save_design(Design(), tmp_path / "no" / "folder.toml")


def test_that_a_design_whose_layers_share_a_name_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    design = Design(layers=(ReLU(name="a"), ReLU(name="a")))

    with pytest.raises(DesignError, match="its own name"):
        save_design(design, path)
    assert not path.exists()


def test_that_every_field_of_the_schema_can_be_written() -> None:
    """A new kind of field that TOML has no value for would be found here, before a user finds it."""
    rng = random.Random(3)
    seen: set[type[msgspec.Struct]] = set()
    for _ in range(80):
        design = random_design(rng)
        write_design(design)
        seen |= {type(layer) for layer in design.layers}

    assert len(seen) >= 12


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_that_pipes_and_devices_are_refused_without_waiting_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", Path("/dev/zero")):
        with pytest.raises(DesignError, match="expected a design, got a device or pipe"):
            load_design(path)


def test_that_a_file_of_another_kind_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    for contents in (b"1,2,3\n", b"\x89HDF\r\n\x1a\n", b"[tool.ruff]\nline-length = 120\n"):
        path.write_bytes(contents)
        with pytest.raises(DesignError, match="expected a new file, or a design to replace, got "):
            save_design(preset("course-7x7"), path)
        assert path.read_bytes() == contents
    path.write_text("# mine\n  format = 9\n[[layers]]\nwith = mistakes\n")
    save_design(preset("course-7x7"), path)
    assert load_design(path) == preset("course-7x7")
