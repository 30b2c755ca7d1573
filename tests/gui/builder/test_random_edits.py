"""Random editing: nothing raises, no wrong shape is shown, and undoing everything gives the start back exactly."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from depth import cases
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from random_designs import attempt
from refusals import refusal

from convviz.core.design import Design, Input, Training, checked
from convviz.core.errors import DesignError
from convviz.core.init import Init
from convviz.core.lower import lower
from convviz.gui.run_model.design_document import DesignDocument
from convviz.present.code import pytorch_source
from convviz.present.design.costs import costs
from convviz.present.design.edits import (
    add_layer,
    duplicate_layer,
    layer_kinds,
    move_layer,
    optimiser_kinds,
    remove_layer,
    rename_layer,
    set_field,
    with_kind,
)
from convviz.present.design.fields import FieldKind, fields_of
from convviz.present.design.reach import reaches
from convviz.present.design.repairs import repairs
from convviz.storage.designs import load_design, read_design, save_design, write_design
from convviz.storage.presets import preset, preset_names

NUMBERS = st.one_of(st.integers(-3, 12), st.sampled_from([0, 28, 1024, 1025, 65536, 10**9, 2**63, -1, 2**70]))
VALUES = st.one_of(
    NUMBERS,
    st.tuples(NUMBERS, NUMBERS),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.none(),
    st.sampled_from(["same", "valid", "", "x", "3×3", "zeros"]),
    st.sampled_from([Init(), Init(kind="constant", scale=-1.0), Init(kind="zeros")]),
)


class Editing(RuleBasedStateMachine):
    """Edits of the model through the document, with the undo stack and files that the window has."""

    @initialize(seed=st.one_of(st.none(), st.integers(0, 50)))
    def begin(self, seed: int | None) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.start = Design().named() if seed is None else attempt(random.Random(seed))
        self.document = DesignDocument(self.start)
        self.history = [self.start]
        self.at = 0

    def teardown(self) -> None:
        if hasattr(self, "document"):
            while self.document.undo_stack.canUndo():
                self.document.undo_stack.undo()
            assert self.document.design == self.start
            assert not self.document.is_modified or self.saved_meanwhile()
            self.folder.cleanup()

    def saved_meanwhile(self) -> bool:
        return self.document.path is not None

    def now(self) -> Design:
        return self.document.design

    def edit(self, design: Design, merge: str = "") -> None:
        checked(design)  # an edit never leaves what the schema refuses
        before = self.now()
        try:
            done = self.document.edit(design, "edit", merge)
        except DesignError:
            assert self.now() == before
            return
        assert done == (design != before)
        assert self.now() == design

    @rule(kind=st.sampled_from(layer_kinds()), where=st.floats(0, 1))
    def add(self, kind: Any, where: float) -> None:
        self.edit(add_layer(self.now(), kind, round(where * len(self.now().layers))))

    @precondition(lambda self: self.now().layers)
    @rule(which=st.floats(0, 0.999), to=st.floats(0, 0.999), what=st.sampled_from(["remove", "copy", "move"]))
    def arrange(self, which: float, to: float, what: str) -> None:
        count = len(self.now().layers)
        at = int(which * count)
        made = {
            "remove": lambda: remove_layer(self.now(), at),
            "copy": lambda: duplicate_layer(self.now(), at),
            "move": lambda: move_layer(self.now(), at, int(to * count)),
        }[what]()
        self.edit(made)

    @precondition(lambda self: self.now().layers)
    @rule(which=st.floats(0, 0.999), field=st.floats(0, 0.999), value=VALUES, merge=st.booleans())
    def set_layer(self, which: float, field: float, value: object, merge: bool) -> None:
        at = int(which * len(self.now().layers))
        names = self.now().layers[at].__struct_fields__[1:]
        if not names:
            return
        name = names[int(field * len(names))]
        why = refusal(lambda: set_field(self.now(), ("layers", at, name), value))
        if why is None:
            self.edit(set_field(self.now(), ("layers", at, name), value), name if merge else "")
        else:
            assert why.field == name

    @precondition(lambda self: self.now().layers)
    @rule(which=st.floats(0, 0.999), way=st.sampled_from([1, -1]), steps=st.integers(1, 8))
    def step_window(self, which: float, way: int, steps: int) -> None:
        """Arrow keys stay inside what fits, so a design that can be trained stays one."""
        at = int(which * len(self.now().layers))
        layer = self.now().layers[at]
        found = costs(self.now())
        bounds = reaches(self.now(), found)[at]
        for spec in fields_of(type(layer)):
            if spec.name in bounds and len(found.layers) > at:
                value = getattr(layer, spec.name)
                for _ in range(steps):
                    value = spec.stepped(value, way, *bounds[spec.name])
                made = set_field(self.now(), ("layers", at, spec.name), value)
                assert len(costs(made).layers) > at, (layer, spec.name, value)
                self.edit(made, "step")
                return

    @precondition(lambda self: self.now().layers)
    @rule(
        which=st.floats(0, 0.999), name=st.sampled_from(["a", "conv1", "x", "a b", "", "softmax", "ü", "a.b", "n" * 50])
    )
    def rename(self, which: float, name: str) -> None:
        at = int(which * len(self.now().layers))
        try:
            made = rename_layer(self.now(), at, name)
        except DesignError:
            return
        self.edit(made)

    @rule(
        name=st.sampled_from([*Training.__struct_fields__[1:], *Input.__struct_fields__, "classes", "name", "about"]),
        value=VALUES,
    )
    def set_setting(self, name: str, value: object) -> None:
        path: tuple[str, ...] = (name,)
        if name in Training.__struct_fields__:
            path = ("training", name)
        elif name in Input.__struct_fields__:
            path = ("input", name)
        try:
            made = set_field(self.now(), path, value)
        except DesignError:
            return
        self.edit(made, name)

    @rule(kind=st.sampled_from(optimiser_kinds()), lr=st.sampled_from([0.1, 1e-3, 0.0, float("nan")]))
    def choose_optimiser(self, kind: Any, lr: float) -> None:
        self.edit(set_field(self.now(), ("training", "optimiser"), with_kind(self.now().training.optimiser, kind)))
        try:
            self.edit(set_field(self.now(), ("training", "optimiser", "lr"), lr))
        except DesignError:
            assert not lr > 0

    @rule(which=st.integers(0, 2))
    def repair(self, which: int) -> None:
        offered = repairs(self.now())
        assert not (offered and costs(self.now()).valid)
        if which < len(offered):
            self.edit(offered[which].design)

    @rule(count=st.integers(1, 6))
    def undo(self, count: int) -> None:
        for _ in range(count):
            self.document.undo_stack.undo()

    @rule(count=st.integers(1, 6))
    def redo(self, count: int) -> None:
        for _ in range(count):
            self.document.undo_stack.redo()

    @rule()
    def undo_and_redo_everything(self) -> None:
        here = self.now()
        steps = 0
        while self.document.undo_stack.canUndo():
            self.document.undo_stack.undo()
            steps += 1
        assert self.now() == self.start
        for _ in range(steps):
            self.document.undo_stack.redo()
        assert self.now() == here

    @rule()
    def end_gesture(self) -> None:
        self.document.end_gesture()

    @rule(name=st.sampled_from(preset_names()))
    def open_preset(self, name: str) -> None:
        self.document.replace(preset(name), f"open {name}")
        assert not self.document.is_modified

    @rule()
    def save_and_load(self) -> None:
        path = Path(self.folder.name) / "design.toml"
        save_design(self.now(), path)
        self.document.mark_saved(path)
        assert not self.document.is_modified
        assert load_design(path) == self.now()
        self.document.replace(load_design(path), "open", path)

    @rule(cut=st.floats(0, 0.99))
    def load_garbage(self, cut: float) -> None:
        before = self.now()
        text = write_design(before)
        why = refusal(lambda: read_design(text[: int(cut * len(text))]))
        assert why is None or str(why)
        assert self.now() == before

    @invariant()
    def shapes_are_those_of_the_engine(self) -> None:
        if not hasattr(self, "document"):
            return
        design = self.now()
        found = costs(design)
        why = refusal(lambda: lower(design, design.training.batch_size))
        assert str(found.error) == str(why)
        if why is not None:
            return
        program = lower(design, design.training.batch_size)
        for layer in found.layers:
            made = [step for step in program.steps if step.layer == layer.name and step.phase.value == "forward"]
            if made:
                assert program.arrays[made[-1].output].shape[1:] == layer.output

    @invariant()
    def every_design_can_be_written(self) -> None:
        if hasattr(self, "document"):
            assert read_design(write_design(self.now())) == self.now()


def test_that_random_editing_never_raises_and_undo_gives_the_start_back(qapp: object) -> None:
    """8 runs of up to 40 edits each: some 250 edits."""
    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=cases(8),
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_that_both_ends_of_a_fields_reach_fit() -> None:
    rng = random.Random(5)
    tried = 0
    for _ in range(150):
        design = attempt(rng)
        found = costs(design)
        for at, bounds in enumerate(reaches(design, found)[: len(found.layers)]):
            for name, (low, high) in bounds.items():
                layer = design.layers[at]
                spec = next(one for one in fields_of(type(layer)) if one.name == name)
                if spec.kind is not FieldKind.PAIR or isinstance(getattr(layer, name), tuple | str | None):
                    continue
                for value in (low, high):
                    made = set_field(design, ("layers", at, name), value)
                    assert len(costs(made).layers) > at, (layer, name, value)
                    tried += 1
    assert tried > 200


def test_that_exported_code_is_there_whenever_training_is_possible() -> None:
    rng = random.Random(8)
    for _ in range(60):
        design = attempt(rng)
        if costs(design).valid:
            assert "nn.Linear" in pytorch_source(design)


def test_that_edits_of_frozen_values_leave_the_old_one_alone() -> None:
    design = attempt(random.Random(2))
    before = msgspec.to_builtins(design)
    set_field(design, ("training", "batch_size"), 3)
    add_layer(design, layer_kinds()[0], 0)
    remove_layer(design, 0)

    assert msgspec.to_builtins(design) == before
