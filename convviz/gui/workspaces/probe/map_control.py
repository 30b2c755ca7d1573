"""Computes the maps that the tab Map shows, in a separate thread."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject

from convviz.gui.run_model.run import RunModel
from convviz.gui.workspaces.probe.map_facts import PCA, TSNE, ImageMap, follow, lay_out, mapped_rows, some_of
from convviz.gui.workspaces.probe.map_tab import WAYS, MapTab
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.tile_atlas import SmallPictures, pictures_of
from convviz.gui.workspaces.probe.worker import Worker
from convviz.present.words import left_of
from convviz.run.opening import OpenData

MAP, FOLLOW, SHEET = "map", "follow", "pictures"
Asked = tuple[str, str, bool]
"""Layer, method, and whether all images are laid out although that takes long."""


class MapControl(QObject):
    """Keeps the maps of a moment.

    Parameters
    ----------
    tab : MapTab
    run : RunModel
    """

    def __init__(self, tab: MapTab, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tab, self._run = tab, run
        self._worker = Worker(self)
        self._moment: Moment | None = None
        self._maps: dict[Asked, ImageMap] = {}
        self._asked: Asked = ("", PCA, False)
        self._began = 0.0
        tab.asked.connect(self._ask)
        tab.followAsked.connect(self._follow)
        tab.cancelAsked.connect(self.cancel)
        self._worker.progressed.connect(self._progressed)
        self._worker.found.connect(self._found)
        self._worker.finished.connect(self._finished)
        self._worker.failed.connect(self._failed)

    @property
    def is_busy(self) -> bool:
        """Whether something is laid out."""
        return self._worker.is_busy(MAP) or self._worker.is_busy(FOLLOW)

    def show_moment(self, moment: Moment) -> None:
        """Lay out the images of a moment, unless that was done."""
        self._tab.set_recorded(self._run.recording is not None and moment.step > 0)
        if moment is self._moment:
            return
        self.cancel()
        self._moment = moment
        self._maps.clear()
        self._tab.show_moment(moment)
        rows = mapped_rows(len(moment.images))
        self._worker.start(SHEET, lambda _progress, _tell: pictures_of(some_of(moment.images, rows).images))
        self._ask(str(self._tab.layer.value), WAYS[self._tab.way.index])

    def cancel(self) -> None:
        """Stop, and keep what there is."""
        for kind in (MAP, FOLLOW):
            self._worker.cancel(kind)
        self._tab.set_busy(False)
        shown = self._tab.shown
        if shown is not None and shown.way != WAYS[self._tab.way.index]:
            self._tab.way.set_index(WAYS.index(shown.way))

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, layer: str, way: str, whole: bool = False) -> None:
        moment = self._moment
        if moment is None:
            return
        self._worker.cancel(MAP)
        self._worker.cancel(FOLLOW)
        self._tab.forget_epochs()
        self._asked = layer, way, whole
        if self._asked in self._maps:
            self._tab.set_busy(False)
            self._tab.show_map(self._maps[self._asked], moving=True)
            return
        if way == TSNE and not whole and (layer, PCA, False) in self._maps:
            self._tab.show_map(self._maps[layer, PCA, False], moving=True)  # until the other map is there
        among = self._tab.view.row
        self._begin(f"{way} of {layer or 'the pixels'} …")
        self._worker.start(MAP, lambda progress, _tell: lay_out(moment, layer, way, progress, whole=whole, among=among))

    def _follow(self) -> None:
        moment, shown, run = self._moment, self._tab.shown, self._run
        if moment is None or shown is None or run.recording is None or run.train is None or run.test is None:
            return
        path, data = run.recording, OpenData(run.data_name, run.train, run.test, run.class_names)
        self._begin("going back over the epochs …")
        self._worker.start(FOLLOW, lambda progress, tell: follow(data, path, moment, shown, progress, tell))

    def _begin(self, words: str) -> None:
        self._began = time.monotonic()
        self._tab.set_busy(True)
        self._tab.said.set_text(words)

    # --- answers -----------------------------------------------------------------------------------------------------

    def _progressed(self, kind: str, done: int, total: int) -> None:
        doing = (
            "going back over the epochs" if kind == FOLLOW else f"{self._asked[1]} of {self._asked[0] or 'the pixels'}"
        )
        left = left_of(done, total, time.monotonic() - self._began)
        self._tab.said.set_text(f"{doing}: {done / max(total, 1):.0%}{left}")

    def _found(self, _kind: str, part: object) -> None:
        if isinstance(part, ImageMap):
            self._tab.add_epoch(part)

    def _finished(self, kind: str, result: object) -> None:
        if isinstance(result, SmallPictures):
            self._tab.show_pictures(result)
            return
        self._tab.set_busy(False)
        if isinstance(result, ImageMap):
            self._maps[self._asked] = result  # a new request cancels the one before, so this is the newest
            self._tab.show_map(result, moving=self._tab.shown is not None)

    def _failed(self, _kind: str, sentence: str) -> None:
        self._tab.set_busy(False)
        self._tab.say(sentence)
