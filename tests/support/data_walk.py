"""A walk through Data in a real window, with a real mouse: ``python tests/support/data_walk.py FOLDER [quick]``.

Fetches a known set from this machine (stopped, tried again, opened), imports a table and a folder of pictures, draws,
takes a piece of the screen, and steps what was drawn. Leaves pictures in FOLDER, and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from convviz.data.known.catalogue import known_set
from convviz.gui.app import application
from convviz.gui.files.importing.code import ImportCode
from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.workspaces.data.drawing.crop import CropDialog
from convviz.run.state import State
from tests.data import layouts
from tests.support import known_server
from tests.support.patience import PATIENCE
from tests.support.whole_window import DATA, WholeWindow

SIZES = ((1440, 900), (1100, 700))
QUICK = sys.argv[2:] == ["quick"]
"""One size, and no pictures."""


def wait(done: Callable[[], object], what: str) -> None:
    """Run the window until something holds."""
    # Sooner than the test gives up on this process, so that it says what it waited for.
    end = time.monotonic() + PATIENCE / 3
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"waited for: {what}")
        QTest.qWait(10)


def mouse(*words: object) -> None:
    """Move and press the screen's own mouse; returns when the window has handled it."""
    subprocess.run(["xdotool", *map(str, words)], check=True)
    QGuiApplication.sync()
    QApplication.processEvents()


def move(widget: QWidget, x: float, y: float) -> None:
    """To a place of a widget, in shares of its size."""
    at = widget.mapToGlobal(QPoint(round(x * widget.width()), round(y * widget.height())))
    mouse("mousemove", at.x(), at.y())


def click(widget: QWidget) -> None:
    """In the middle of a widget."""
    wait(lambda: widget.isVisible() and widget.isEnabled(), f"a widget {widget.accessibleName()!r} to click")
    places: list[QPoint] = []

    def is_laid_out() -> bool:
        places.append(widget.mapToGlobal(widget.rect().center()))
        return len(places) > 2 and places[-3] == places[-1]

    wait(is_laid_out, f"a widget {widget.accessibleName()!r} to stay in its place")
    move(widget, 0.5, 0.5)
    mouse("click", 1)


def drag(widget: QWidget, *points: tuple[float, float]) -> None:
    """Through places of a widget."""
    move(widget, *points[0])
    mouse("mousedown", 1)
    for (x0, y0), (x1, y1) in pairwise(points):
        for part in np.linspace(0, 1, 6)[1:]:
            move(widget, x0 + part * (x1 - x0), y0 + part * (y1 - y0))
    mouse("mouseup", 1)


class Walk:
    """One window of a size."""

    def __init__(self, out: Path, size: tuple[int, int], served: known_server.Server) -> None:
        self.out, self.size, self.served = out, size, served
        self.seen: dict[str, object] = {}
        window = self.window = WholeWindow(
            QSettings(str(out / f"{size[0]}.ini"), QSettings.Format.IniFormat), kept=out / f"kept{size[0]}"
        )
        window.resize(*size)
        window.show()
        window.start()
        wait(lambda: window.run.state is State.IDLE and len(window.stack.made) == window.stack.count(), "the window")
        downloads = window.data.downloads
        made = layouts.idx_packed(folder(out / f"mnist{size[0]}"))
        files = [known_server.served_file(served, file.name, file.read_bytes()) for file in sorted(made.path.iterdir())]
        mnist = replace(known_set("mnist"), files=tuple(files))
        downloads.known = (mnist, *(one for one in downloads.known if one.key != "mnist"))
        downloads.cache, downloads.pause = out / f"cache{size[0]}", 0.05

    def shot(self, name: str, widget: QWidget | None = None) -> None:
        """A picture in both themes."""
        for mode in () if QUICK else (ThemeMode.LIGHT, ThemeMode.DARK):
            current_theme().set_mode(mode)
            QTest.qWait(150)
            (widget or self.window).grab().save(str(self.out / f"{name}_{self.size[0]}_{mode}.png"))

    def fetch(self) -> None:
        """MNIST at the front page: begun, stopped, failed, tried again."""
        window, served = self.window, self.served
        window.welcome()
        row = window.ways_in.page.data.mnist
        served.manner = "silent"
        click(row.button)
        wait(lambda: bool(served.asked), "the server")
        self.shot("fetching")
        click(row.close_button)
        served.go_on.set()
        wait(row.button.isVisible, "the download to stop")
        served.manner = "failing"
        click(row.button)
        wait(lambda: "HTTP 503" in row.about.text(), "a failure")
        self.shot("failed")
        served.manner = "honest"
        click(row.button)
        wait(lambda: "in use" in row.about.text(), "MNIST in use")
        self.shot("fetched")
        self.seen["fetched"] = [len(window.run.train), window.run.data_name]
        window.ways_in.page.dismiss()

    def import_table(self) -> None:
        """A table whose pixels are standardised: that is asked about."""
        window = self.window
        pixels, labels = layouts.pixels(40)[:, 0].reshape(40, -1), layouts.labels(40)
        rows = np.column_stack([labels, (pixels - 33.0) / 78])
        path = self.out / "table.csv"
        np.savetxt(path, rows, delimiter=",", fmt="%.4f")
        window.go_to(DATA)
        window.data.open_path(path)
        wait(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, "the question")
        self.shot("import", window.data.dialog)
        dialog = window.data.dialog
        click(dialog.as_code)
        wait(lambda: dialog.findChildren(ImportCode), "the code")
        code = dialog.findChild(ImportCode)
        self.shot("as_code", code)
        click(code.close_button)
        wait(lambda: dialog.accepted_button.isEnabled(), "a recipe")
        click(dialog.accepted_button)
        wait(lambda: window.run.data_name == "table", "the table in use")
        self.seen["table"] = len(window.run.train) + len(window.run.test)

    def import_folder(self) -> None:
        """Colour pictures of 32×32: the network has to change."""
        window = self.window
        made = layouts.colour_folders(folder(self.out / f"pictures{self.size[0]}"))
        window.data.open_path(made.path)
        wait(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, "the question")
        dialog = window.data.dialog
        self.shot("import_folder", dialog)
        click(dialog.accepted_button)
        wait(lambda: window.run.design is not None and window.run.design.input.channels == 3, "a network in colour")
        self.seen["folder"] = [len(window.run.train), window.run.data_name]

    def draw(self) -> None:
        """With the mouse, on the built-in digits; then a piece of the screen, and what was drawn in Step."""
        window = self.window
        click(window.stack.front.page.sources.builtin.button)
        wait(lambda: window.message.action_buttons or window.run.data_name == "built-in digits", "an answer")
        for one in window.message.action_buttons:
            if one.text().startswith("Change the network"):
                click(one)
        wait(lambda: window.run.data_name == "built-in digits", "the built-in digits")
        page = window.stack.front.page
        click(page.sources.draw)
        wait(lambda: page.drawing.pad.shape == (1, 28, 28), "the pad")
        pad = page.drawing.pad
        drag(pad, (0.3, 0.25), (0.55, 0.2), (0.65, 0.4), (0.3, 0.75), (0.7, 0.75))
        wait(lambda: page.drawing.answer.text().startswith("It takes it for"), "an answer")
        self.seen["ink"] = round(float(pad.image.sum()))
        self.shot("draw")
        click(page.drawing.screen_button)
        wait(lambda: window.findChild(CropDialog) is not None or "screenshot" in window.message.text(), "the screen")
        crop = window.findChild(CropDialog)
        if crop is not None:
            wait(crop.isVisible, "the screen's picture")
            drag(crop.view, (0.3, 0.3), (0.6, 0.7))
            self.shot("crop", crop)
            self.seen["piece"] = [crop.view.piece.width(), crop.view.piece.height()]
            click(crop.cancel)
        click(page.drawing.looks["Step"])
        wait(lambda: window.stack.title == "Step" and window.step.run is not None, "Step")
        wait(lambda: np.array_equal(window.step.run.env["x"][0], page.drawing.image), "the drawing in Step")
        self.seen["stepped"] = True


def folder(path: Path) -> Path:
    """Make a folder."""
    path.mkdir()
    return path


def main() -> None:
    """Walk, in both sizes."""
    out = Path(sys.argv[1])
    application("light")
    found = {}
    for size in SIZES[-1:] if QUICK else SIZES:
        served = known_server.serving()
        walk = Walk(out, size, next(served))
        for step in (walk.fetch, walk.import_table, walk.import_folder, walk.draw):
            step()
        walk.window.close()
        found[str(size[0])] = walk.seen
        next(served, None)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    try:
        main()
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # threads of a window that was not closed would go on
