"""The recipes of ARCHITECTURE.md, walked: each adds a toy as one would add the real thing, and uses it everywhere.

A toy is registered by a fixture, since it is no part of the package; which line of the package that stands for is said
there. The recipe for a view is walked in ``tests/gui/watch/test_watch_views.py`` and
``tests/gui/builder/test_build_views.py``, the one for a workspace in ``tests/gui/window/test_workspaces.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest
from msgspec import Meta

import convviz
from convviz.__main__ import main
from convviz.core.arrays import Array
from convviz.core.design import Design, Input, Training
from convviz.core.execute import execute
from convviz.core.layers import AnyLayer, Conv2D, Dense, Flatten, Layer
from convviz.core.lower import LOSS, lower
from convviz.core.network import Network
from convviz.core.ops.base import Scratch
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.core.program import Builder
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, in_memory
from convviz.data.open import dialog_filter, open_data
from convviz.data.readers import READERS
from convviz.data.readers.reader import Reader
from convviz.data.sources import ImageSpec
from convviz.files.cancel import Cancelled
from convviz.present.code import EXPORTERS, Exporter
from convviz.present.design.costs import costs
from convviz.present.design.edits import layer_kinds
from convviz.present.design.fields import fields_of
from convviz.present.design.fields.words import WORDS, Words
from convviz.present.step.explain import explain, title_of
from convviz.present.step.formula import formula_svg
from convviz.present.step.terms import expand
from convviz.storage import model_files
from convviz.storage.designs import read_design, write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.model_format import ModelFormat
from convviz.storage.model_files import FORMATS
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.make_pass import make_pass
from convviz.training.trainer import Trainer
from tests.present.test_parts import missing_of_layer, missing_of_op

# A layer. 1: a file, core/layers/softsign.py, as softplus.py and mish.py. First its op: an activation is a Sloped, with
# formula, kernel, the same in plain NumPy, the cell's own arithmetic, and the gradient's op.


def softsign(z: Array, k: float, a: Array) -> None:
    """A = k z / (1 + |k z|)."""
    np.multiply(z, k, out=a)
    a /= 1 + np.abs(a)


def readable_softsign(z: Array, *, k: float) -> Array:
    return k * z / (1 + np.abs(k * z))


@dataclass(frozen=True, slots=True)
class Softsign(Sloped):
    """Z squeezed between −1 and 1."""

    k: float

    name = "softsign"
    title = "Every number is squeezed into the range from −1 to 1"
    short = "softsign"
    formula = r"A = \frac{k Z}{1 + |k Z|}"
    kernel = staticmethod(softsign)
    readable = staticmethod(readable_softsign)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.k, out

    def apply(self, *values: float) -> float:
        return self.k * values[0] / (1 + abs(self.k * values[0]))

    def written(self) -> str:
        return f"{self.k:g} · {{0}} / (1 + |{self.k:g} · {{0}}|)"

    def gradient(self) -> SoftsignGrad:
        return SoftsignGrad(self.k)

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        return "k times {z} is divided by 1 more than its size: {a}.", {}


def softsign_grad(d_a: Array, z: Array, k: float, d_z: Array) -> None:
    """dz = da k / (1 + |k z|)²."""
    np.divide(d_a * k, (1 + np.abs(k * z)) ** 2, out=d_z)


def readable_softsign_grad(d_a: Array, z: Array, *, k: float) -> Array:
    return d_a * k / (1 + np.abs(k * z)) ** 2


@dataclass(frozen=True, slots=True)
class SoftsignGrad(SlopedGrad):
    """The further z was from 0, the less of the gradient passes."""

    k: float

    name = "softsign_grad"
    formula = r"dZ = dA \cdot \frac{k}{(1 + |k Z|)^2}"
    kernel = staticmethod(softsign_grad)
    readable = staticmethod(readable_softsign_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, self.k, out

    def slope(self, z: float) -> float:
        return self.k / (1 + abs(self.k * z)) ** 2

    def written(self) -> str:
        return f"{{0}} · {self.k:g} / (1 + |{self.k:g} · {{1}}|)²"


# Then, in the same file, the layer, with its calls in other frameworks and its operator of ONNX.


class SoftsignLayer(Layer, frozen=True, kw_only=True, tag="softsign"):
    """k·x / (1 + |k·x|), cell by cell."""

    stem: ClassVar[str] = "softsign"
    summary: ClassVar[str] = "Every number is squeezed, gently, into the range from −1 to 1"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Softsign({steepness})", "Keras": "layers.Lambda(lambda x: softsign({steepness} * x))"}
    )

    steepness: Annotated[float, Meta(gt=0.0, le=10.0)] = 1.0

    def lower(self, build: Builder, x: str) -> str:
        return build.emit(Softsign(self.steepness), (x,), "a")


class WithSoftsign(Design, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The schema with the toy among its layers."""

    layers: tuple[AnyLayer | SoftsignLayer, ...] = ()


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """2: its name in core/layers/__init__.py; a new field needs its words, in present/design/fields/words.py."""
    for module in ("convviz.core.design", "convviz.storage.designs"):
        monkeypatch.setattr(f"{module}.Design", WithSoftsign)
    monkeypatch.setattr("convviz.present.design.edits.AnyLayer", AnyLayer | SoftsignLayer)
    words = {**WORDS, "steepness": Words("steepness", "How quickly the ends are reached.")}
    for module in ("convviz.present.design.fields.words", "tests.present.test_parts"):
        monkeypatch.setattr(f"{module}.WORDS", words)


def toy_design() -> Design:
    return WithSoftsign(
        name="toy",
        input=Input(height=6, width=6),
        classes=3,
        layers=(Conv2D(filters=2, kernel=3), SoftsignLayer(steepness=2.0), Flatten(), Dense(units=3)),
        training=Training(batch_size=4, epochs=1),
    ).named()


def noise(count: int = 8) -> Split:
    rng = np.random.default_rng(0)
    return Split(rng.random((count, 1, 6, 6), np.float32), rng.integers(0, 3, count))


def test_that_a_layer_by_the_recipe_lacks_nothing_but_its_network_in_the_zoo(registered: None) -> None:
    # 3: a network in tests/support/engine_zoo.py. Nothing for Step: what a Sloped does is presented already.
    assert missing_of_layer(SoftsignLayer) == ["network of the zoo"]
    (lacked,) = {part for kind in (Softsign, SoftsignGrad) for part in missing_of_op(kind)}
    assert lacked.startswith("network of the zoo")


def test_that_build_offers_the_layer_and_its_field_and_says_what_it_costs(registered: None) -> None:
    assert layer_kinds()[-1] is SoftsignLayer
    (field,) = (spec for spec in fields_of(SoftsignLayer) if spec.name == "steepness")
    assert (field.label, field.words.tip) == ("steepness", "How quickly the ends are reached.")
    found = costs(toy_design())
    assert found.error is None
    assert [cost.parameters for cost in found.layers] == [20, 0, 0, 99]


def test_that_the_layer_trains_a_step_as_plain_numpy_does(registered: None) -> None:
    network = Network(toy_design())
    before = network.arrays["conv1.weight"].copy()
    with Trainer(toy_design(), noise(), noise(), network=network, threads=1) as trainer:
        event = next(event for event in trainer.run() if isinstance(event, MinibatchDone))
    assert np.isfinite(event.loss)
    assert not np.array_equal(network.arrays["conv1.weight"], before)
    stepped = make_pass(toy_design(), {}, noise(4).images, noise(4).labels, precision=np.float64)
    stepped.run_to_end()
    z, a = stepped.stored("conv1.z"), stepped.stored("softsign1.a")
    np.testing.assert_allclose(a, readable_softsign(z, k=2.0), rtol=1e-12)
    given, made = stepped.stored("softsign1.d_a"), stepped.stored("conv1.d_z")
    np.testing.assert_allclose(made, readable_softsign_grad(given, z, k=2.0), rtol=1e-12)


def test_that_the_layers_gradients_say_how_the_loss_moves(registered: None) -> None:
    program = lower(toy_design(), 4)
    start = {name: array.astype(np.float64) for name, array in Network(toy_design()).arrays.items()}
    start |= {"x": noise(4).images.astype(np.float64), "labels": noise(4).labels}

    def passed(weight: float | None = None) -> dict[str, Array]:
        env = {name: start[name].copy() for name in program.sources}
        if weight is not None:
            env["conv1.weight"][1, 0, 2, 1] = weight
        for _ in execute(program, env, np.float64):
            pass
        return env

    w, step = float(start["conv1.weight"][1, 0, 2, 1]), 1e-5
    slope = (float(passed(w + step)[LOSS]) - float(passed(w - step)[LOSS])) / (2 * step)
    assert float(passed()[program.gradients["conv1.weight"]][1, 0, 2, 1]) == pytest.approx(slope, rel=1e-6)


def test_that_step_shows_the_layer_forward_and_back_with_sentence_equation_and_formula(registered: None) -> None:
    stepped = make_pass(toy_design(), {}, noise(2).images, noise(2).labels, precision=np.float64)
    stepped.run_to_end()
    steps = [step for step in stepped.program.steps if isinstance(step.op, Softsign | SoftsignGrad)]
    assert [step.op.name for step in steps] == ["softsign", "softsign_grad"]
    for step, said in zip(steps, ("divided by 1 more than its size", "the gradient is multiplied by it"), strict=True):
        index = (1, 0, 2, 3)
        assert said in explain(stepped, step, index)
        expansion = expand(stepped, step, index)
        assert expansion.value == float(stepped.stored(step.output)[index])
        assert expansion.short.text == step.op.written()
        assert title_of(stepped.program, step)
        assert b"<svg" in formula_svg(step.op.formula, "#000000")


def test_that_the_layer_survives_a_design_file_and_is_written_by_every_exporter(registered: None) -> None:
    text = write_design(toy_design())
    assert 'type = "softsign"' in text
    assert read_design(text) == toy_design()
    for exporter in EXPORTERS:
        assert exporter.knows(SoftsignLayer)
        source = exporter.source(toy_design(), "")
        compile(source, f"{exporter.framework}.py", "exec")
        assert "oftsign" in source
        assert "2.0" in source


# A reader: a file in data/readers/ that ends in READER = Reader(…), and its line in data/readers/__init__.py.


@contextmanager
def json_contents(path: Path, cancelled: Cancelled | None) -> Iterator[Contents]:
    found = json.loads(path.read_text())
    arrays = (in_memory("images", np.asarray(found["images"])), in_memory("labels", np.asarray(found["labels"])))
    yield Contents("JSON", arrays, dict.fromkeys(("train", "test"), ("images", "labels")))


JSON = Reader("JSON images", "a JSON file", ("*.json",), lambda path: path.read_bytes().startswith(b"{"), json_contents)


@pytest.fixture
def json_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line in data/readers/__init__.py."""
    monkeypatch.setattr("convviz.data.open.READERS", (*READERS, JSON))


def json_file(folder: Path) -> Path:
    images = noise(6)
    path = folder / "toys.json"
    path.write_text(json.dumps({"images": images.images.tolist(), "labels": images.labels.tolist()}))
    return path


def test_that_a_reader_is_asked_offered_and_named(json_reader: None, tmp_path: Path) -> None:
    like = ImageSpec(1, 6, 6, 3)
    data = open_data(json_file(tmp_path), like)
    np.testing.assert_array_equal(data.x_train, noise(6).images)
    assert "JSON images (*.json)" in dialog_filter()
    assert "*.json" in dialog_filter().partition(";;")[0]
    with pytest.raises(DataError, match="expected 1×5×5 images, got 1×6×6"):
        open_data(json_file(tmp_path), ImageSpec(1, 5, 5, 3))
    broken = tmp_path / "broken.json"
    broken.write_text("?")
    with pytest.raises(DataError, match="expected a JSON file"):
        open_data(broken, like)


def test_that_what_a_reader_reads_is_trained_on(json_reader: None, tmp_path: Path) -> None:
    design = Design(
        input=Input(height=6, width=6),
        classes=3,
        layers=(Flatten(), Dense(units=3)),
        training=Training(batch_size=2, epochs=1),
    )
    run = convviz.train(design, convviz.load_data(json_file(tmp_path), design))
    assert 0 <= run.history[-1].test_accuracy <= 1
    assert run.state.data.name == "toys"


# A format of models: a file in storage/formats/ that ends in FORMAT = ModelFormat(…), and its line in model_files.py.


def save_lines(path: Path, state: NetworkState, written_by: str) -> None:
    arrays = {name: state.arrays[name].tolist() for name in Network(state.design).parameters}
    path.write_text("convviz lines\n" + json.dumps({"design": write_design(state.design), **arrays}))


def load_lines(path: Path, cancelled: Cancelled | None) -> NetworkState:
    try:
        found = json.loads(path.read_text().partition("\n")[2])
    except ValueError:
        raise CheckpointError(f"{path}: expected JSON below the first line") from None
    design = read_design(found.pop("design"))
    arrays = Network(design).arrays
    for name, values in found.items():
        arrays[name][...] = values
    return NetworkState(design, arrays, RunProgress(learning_rate=0.01), weights_only=True)


def has_lines(path: Path) -> bool:
    return path.is_file() and path.read_bytes().startswith(b"convviz lines\n")


LINES = ModelFormat(
    "Lines of weights", ".lines", ("*.lines",), False, "a file of lines", has_lines, save_lines, load_lines
)


@pytest.fixture
def lines_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line in storage/model_files.py."""
    monkeypatch.setattr("convviz.storage.model_files.FORMATS", (*FORMATS, LINES))


def test_that_a_format_is_offered_and_recognised_whatever_the_file_is_called(
    lines_format: None, tmp_path: Path
) -> None:
    assert "Lines of weights (*.lines)" in model_files.dialog_filter()
    path = tmp_path / "toy.lines"
    convviz.save(path, Network(toy_free_design()))
    assert path.read_bytes().startswith(b"convviz lines")
    renamed = path.rename(tmp_path / "model.h5")
    assert model_files.is_model(renamed)
    run = convviz.load(renamed)
    assert run.design == toy_free_design()
    for name, array in Network(toy_free_design()).arrays.items():
        np.testing.assert_array_equal(run.network.arrays[name], array, err_msg=name)
    (tmp_path / "broken.lines").write_text("convviz lines\nno")
    with pytest.raises(CheckpointError, match="expected JSON below the first line"):
        convviz.load(tmp_path / "broken.lines")


def test_that_the_command_line_saves_a_format_and_reads_it(
    lines_format: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "toy.lines"
    flags = ["--train-size", "60", "--test-size", "20", "--n_filter", "2", "--epochs", "1"]
    assert main(["train", *flags, "--save", str(path)]) == 0
    assert main(["predict", "--model", str(path), "--json"]) == 0
    capsys.readouterr()
    assert main(["train", "--resume", str(path)]) == 2
    assert "expected a checkpoint to go on with, got a file of weights alone" in capsys.readouterr().err


def toy_free_design() -> Design:
    """A small design of layers that there are."""
    return Design(name="small", input=Input(height=6, width=6), classes=3, layers=(Flatten(), Dense(units=3))).named()


# An exporter: a file in present/code/ with an Exporter, and its line in present/code/__init__.py.


def plain_source(design: Design, weights: str = "") -> str:
    return "\n".join(f"# {type(layer).__name__} {layer.name}" for layer in design.named().layers)


PLAIN = Exporter("Words", "Says what the layers are.", plain_source, every=True)


def test_that_an_exporter_is_offered_beside_the_others_and_knows_every_layer(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from convviz.gui.theme import current_theme
    from convviz.gui.workspaces.builder.files import code_dialog

    monkeypatch.setattr(code_dialog, "EXPORTERS", (*EXPORTERS, PLAIN))
    assert current_theme() is not None
    dialog = code_dialog.CodeDialog(convviz.preset("course-7x7"), tmp_path)
    qtbot.addWidget(dialog)
    assert dialog.kinds.button(len(EXPORTERS)).text() == "Words"
    dialog.kinds.selected.emit(len(EXPORTERS))
    qtbot.waitUntil(lambda: "# Conv2D conv1" in dialog.text.toPlainText(), timeout=10_000)
    assert all(PLAIN.knows(kind) for kind in layer_kinds())
