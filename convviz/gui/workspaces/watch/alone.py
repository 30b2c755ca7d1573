"""Run a single view of Watch after some steps of training: ``python -m …watch.views.run_curves [--steps 200]``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.core.lower import PROBABILITIES
from convviz.data.open import open_source
from convviz.data.sources import ImageSpec, builtin_for
from convviz.gui.alone import arguments, run_alone
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.history import History
from convviz.present.watch.breakpoints import BreakpointRow, BreakpointsPicture, HeldPicture, HitLine
from convviz.present.watch.hold.look import HoldLook
from convviz.present.watch.look import Look
from convviz.present.watch.past_look import PastLook
from convviz.present.watch.pins_look import PinsLook, PinTrack
from convviz.present.watch.search import SearchLook
from convviz.present.watched import Watched
from convviz.run.opening import split_of
from convviz.run.rehearsal import Rehearsal
from convviz.run.run_layers import RunLayers
from convviz.storage.presets import preset, preset_names
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.layers_measured import LayersMeasured
from convviz.training.snapshot import take_snapshot
from convviz.training.trainer import Trainer


def look_at(name: str = "course-7x7", steps: int = 40, layer: str = "") -> Look:
    """Train a preset on the built-in images for some minibatches, and return a look at the run."""
    design = preset(name).named()
    data = open_source(builtin_for(ImageSpec.of(design)))
    whole = msgspec.structs.replace(design.training, train_size=None, test_size=None)
    design = msgspec.structs.replace(design, training=whole)
    data = data.take(min(len(data.x_train), 2048), min(len(data.x_test), 64))
    train, test = split_of(data, "training"), split_of(data, "test")
    history = History()
    with Trainer(design, train, test) as trainer:
        layers = RunLayers(trainer)
        layers.watch(layer or next(iter(layers.starts), "").rpartition(".")[0])
        events = trainer.run()
        while len(history.minibatches) < steps:
            layers.before(must=len(history.minibatches) % 5 == 0 or len(history.minibatches) == steps - 1)
            event = next(events)
            if isinstance(event, MinibatchDone):
                history.add_minibatch(event.position.step, event)
                layers.after(0.0)
                for measured in layers.news():
                    if isinstance(measured, LayersMeasured):
                        history.layers.add(measured)
            elif isinstance(event, EpochDone):
                history.add_epoch(event.position.step, event)
        position = trainer.position
        coming = trainer.upcoming()
        hold = None
        if coming is not None:
            with Rehearsal(coming, train, test) as rehearsal:
                hold = HoldLook(position.step + 1, seen=rehearsal.minibatch(), update=rehearsal.update(), is_open=False)
        moment = replace(
            take_snapshot(trainer.network, test, "test", 3, position, trainer.gradients()),
            layers=layers.newest(),
            changes=layers.changes(layer or next(iter(layers.starts), "").rpartition(".")[0]),
            starts=layers.starts,
        )
    hit = HitLine(position.step + 1, "Loss 2.542 is above 2", "5.5 times the mean of the last 50 (0.4635).")
    held = HeldPicture(2, hit, f"held before the update of step {hit.step:,}", True)
    rows = (
        BreakpointRow(1, "loss is NaN or ∞", None, is_fixed=True),
        BreakpointRow(2, "loss above", "2", count=1, hits=(hit,)),
        BreakpointRow(3, "a filter is dead for", "200", "steps", holds=False, is_on=False),
    )
    history.confidence.add(position.step, float(moment.logical(PROBABILITIES)[0, moment.label]))
    layer = layer or next((one.name for one in design.layers if f"{one.name}.weight" in moment.arrays), "")
    return Look(
        moment,
        history,
        watched=Watched(sample=3, layer=layer, filter=1),
        class_names=data.class_names,
        images={"test": len(test), "training": len(train)},
        enlarged=f"{layer}.weight",
        past=PastLook(max(steps // 2, 1), live=steps, epoch_length=position.minibatches, can_replay=True),
        breakpoints=BreakpointsPicture(rows, held=held),
        hold=hold,
        pins=PinsLook(1, (PinTrack(1, "loss", history.minibatches.column(0), history.minibatches.column(1)),), 1),
        search=SearchLook("loss above 2", steps, steps // 2),
    )


def while_held(look: Look) -> Look:
    """The same look with the page of its hold open."""
    past = None if look.past is None else replace(look.past, step=None)
    return replace(look, past=past, hold=None if look.hold is None else replace(look.hold, is_open=True))


def run_view(make: Callable[[], WatchView]) -> None:
    """Show the view that ``make`` returns in a window, after some steps of training."""
    parser = arguments(run_view.__doc__)
    parser.set_defaults(size="900x420")
    parser.add_argument("--preset", default="course-7x7", choices=preset_names())
    parser.add_argument("--steps", type=int, default=40, help="minibatches to train first")
    parser.add_argument("--layer", default="", help="the selected layer")
    given = parser.parse_args()

    def window() -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        view = make()
        column.addWidget(view)
        look = look_at(given.preset, given.steps, given.layer)
        picture = view.picture_of(look)
        if picture is None:
            picture = view.picture_of(while_held(look))
        if picture is not None:
            view.show_picture(picture)
        return made

    raise SystemExit(run_alone(window, given))
