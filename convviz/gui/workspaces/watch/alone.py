"""Run a single view of Watch after some steps of training: ``python -m …watch.views.run_curves [--steps 200]``."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.data.open import open_source
from convviz.data.sources import ImageSpec, builtin_for
from convviz.gui.alone import arguments, run_alone
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.history import History
from convviz.present.watch.look import Look
from convviz.present.watch.settings import SettingsPicture
from convviz.present.watched import Watched
from convviz.run.opening import split_of
from convviz.storage.presets import preset, preset_names
from convviz.training.events import MinibatchDone
from convviz.training.snapshot import take_snapshot
from convviz.training.trainer import Trainer


def look_at(name: str = "course-7x7", steps: int = 40) -> Look:
    """Train a preset on the built-in images for some minibatches, and return a look at the run."""
    design = preset(name).named()
    data = open_source(builtin_for(ImageSpec.of(design)))
    data = data.take(min(len(data.x_train), 2048), min(len(data.x_test), 64))
    train, test = split_of(data, "training"), split_of(data, "test")
    history = History()
    with Trainer(design, train, test) as trainer:
        for event in itertools.takewhile(lambda _: len(history.minibatches) < steps, trainer.run()):
            if isinstance(event, MinibatchDone):
                history.minibatches.add(event.position.step, event.loss, event.accuracy)
        position = trainer.position
        moment = take_snapshot(trainer.network, test, "test", 3, position, trainer.gradients())
    settings = SettingsPicture(design, design, False, False, data.name, len(train), len(test))
    layer = next((one.name for one in design.layers if f"{one.name}.weight" in moment.arrays), "")
    return Look(
        moment,
        history,
        watched=Watched(sample=3, layer=layer, filter=1),
        class_names=data.class_names,
        images={"test": len(test), "training": len(train)},
        enlarged=f"{layer}.weight",
        settings=settings,
    )


def run_view(make: Callable[[], WatchView]) -> None:
    """Show the view that ``make`` returns in a window, after some steps of training."""
    parser = arguments(run_view.__doc__)
    parser.set_defaults(size="900x420")
    parser.add_argument("--preset", default="course-7x7", choices=preset_names())
    parser.add_argument("--steps", type=int, default=40, help="minibatches to train first")
    given = parser.parse_args()

    def window() -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        view = make()
        column.addWidget(view)
        picture = view.picture_of(look_at(given.preset, given.steps))
        if picture is not None:
            view.show_picture(picture)
        return made

    raise SystemExit(run_alone(window, given))
