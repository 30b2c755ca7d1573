"""What a picture of Watch costs the window's thread, view by view: ``python -m tests.bench.watching [PRESET …]``.

Milliseconds of processor time of one thread, the median over several moments of a run, so that other programs disturb
little: making the picture from the moment, giving it to the view, and painting that. Nothing trains meanwhile.
``--profile VIEW`` says where the time of one of them goes.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
from PySide6.QtWidgets import QApplication

from convviz.data.open import open_source
from convviz.data.sources import ImageSpec, builtin_for
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.layout import Views
from convviz.gui.workspaces.watch.page import WatchPage
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.history import History
from convviz.present.watch.look import Look
from convviz.present.watch.past_look import PastLook
from convviz.run.opening import split_of
from convviz.run.run_layers import RunLayers
from convviz.storage.presets import preset
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.layers_measured import LayersMeasured
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.trainer import Trainer

BEFORE, EVERY = 150, 5
"""Minibatches before the first moment, and from one to the next."""


def moments(name: str, history: History, count: int, watched: WatchedModel) -> Iterator[Snapshot]:
    """Train a preset on the built-in images, and return moments of it; the history grows along."""
    design = preset(name).named()
    data = open_source(builtin_for(ImageSpec.of(design)))
    design = replace_training(design)
    data = data.take(min(len(data.x_train), 2048), min(len(data.x_test), 64))
    train, test = split_of(data, "training"), split_of(data, "test")
    with Trainer(design, train, test) as trainer:
        layers = RunLayers(trainer)
        made = done = 0
        for event in trainer.run():
            if isinstance(event, EpochDone):
                history.add_epoch(event.position.step, event)
            if not isinstance(event, MinibatchDone):
                continue
            history.add_minibatch(event.position.step, event)
            layers.after(0.0)
            for measured in layers.news():
                if isinstance(measured, LayersMeasured):
                    history.layers.add(measured)
            done += 1
            if done >= BEFORE and done % EVERY == 0:
                layer = watched.value.layer or next(iter(layers.starts)).rpartition(".")[0]
                layers.watch(layer)
                found = take_snapshot(trainer.network, test, "test", 3, event.position, trainer.gradients())
                yield replace(found, layers=layers.newest(), changes=layers.changes(layer), starts=layers.starts)
                made += 1
                if made == count:
                    return
            layers.before(must=done % 5 == 0)


def replace_training(design):
    """All images, and no end."""
    training = msgspec.structs.replace(design.training, train_size=None, test_size=None, epochs=1000)
    return msgspec.structs.replace(design, training=training)


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of this thread."""
    began = time.thread_time()
    work()
    return 1e3 * (time.thread_time() - began)


def costs(view: WatchView, look: Look, profile: cProfile.Profile | None) -> tuple[float, float, float] | None:
    """Milliseconds of making, showing and painting one view's picture; None if it has nothing to show."""
    made: list[object] = []
    if profile is not None:
        profile.enable()
    making = spent(lambda: made.append(view.picture_of(look)))
    showing = painting = 0.0
    if made[0] is not None:
        showing = spent(lambda: view.show_picture(made[0]))
        painting = spent(view.repaint) + spent(QApplication.processEvents)
    if profile is not None:
        profile.disable()
    return None if made[0] is None else (making, showing, painting)


def measure(name: str, size: tuple[int, int], count: int, profiled: str) -> None:
    """Print a row for each view, and the sums."""
    history, watched = History(), WatchedModel(RunModel(threads=1))
    really = Views.show
    page = WatchPage(watched, history)
    page.resize(*size)
    page.show()
    page.set_images(64, 2048)
    rows: dict[WatchView, list[tuple[float, float, float]]] = {}
    profile = cProfile.Profile(time.thread_time)
    for number, moment in enumerate(moments(name, history, count + 2, watched)):
        steps = moment.position.step
        page.show_past(PastLook(live=steps, epoch_length=moment.position.minibatches, can_replay=True))
        QApplication.processEvents()
        if number:
            Views.show = lambda *_: None  # type: ignore[method-assign]  # the views are shown one by one below
        page.show_snapshot(moment, more_follow=True)
        page.rest()
        Views.show = really  # type: ignore[method-assign]
        if number == 0:
            page.show_all()
            QApplication.processEvents()
        if number < 2:
            continue
        for view in page.views.in_sight():
            found = costs(view, page.look, profile if type(view).__name__ == profiled else None)
            if found is not None:
                rows.setdefault(view, []).append(found)
    print(f"\n{name}, {size[0]}×{size[1]}\n{'ms':<22}{'making':>9}{'showing':>9}{'painting':>9}")
    sums = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for view, found in rows.items():
        middles = [statistics.median(each) for each in zip(*found, strict=True)]
        for place, middle in enumerate(middles):
            sums[view.is_slow][place] += middle
        print(f"{type(view).__name__:<22}" + "".join(f"{one:9.2f}" for one in middles) + "  slow" * view.is_slow)
    for words, which in zip(("every picture", "slow views"), sums, strict=True):
        print(f"{words:<22}" + "".join(f"{one:9.2f}" for one in which) + f"   {sum(which):.1f}")
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
    page.close()
    page.deleteLater()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", default=["course-7x7", "best-small"])
    parser.add_argument("--size", default="1440x780", help="of the page")
    parser.add_argument("--moments", type=int, default=12)
    parser.add_argument("--profile", default="", metavar="VIEW", help="name of a view's class")
    given = parser.parse_args()
    app = QApplication([])
    Theme(app, "light")
    width, height = map(int, given.size.split("x"))
    for name in given.presets:
        measure(name, (width, height), given.moments, given.profile)


if __name__ == "__main__":
    main()
