"""A known data set in a list: fetched by one click, with progress, stopped, tried again, used."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import Signal, Slot

from convviz.data.known.catalogue import KnownSet
from convviz.gui.files.downloads import Downloads
from convviz.gui.files.source_row import SourceRow
from convviz.present.words import duration

OFFLINE = "is this computer online?"
"""Part of the error message when no server was reached."""


class KnownRow(SourceRow):
    """A set that is fetched here is opened when it has arrived: see :attr:`Downloads.fetched`.

    Parameters
    ----------
    known : KnownSet
    downloads : Downloads
    fetch : str
        Text of the button that fetches it, beside its arrow.

    Attributes
    ----------
    pathAsked : Signal(object)
        Open the set, which is there.
    changed : Signal()
        It is there, it failed, or it is being fetched.
    fault : str
        Why it could not be fetched; empty if nothing went wrong.
    """

    pathAsked = Signal(object)
    changed = Signal()

    def __init__(self, known: KnownSet, downloads: Downloads, *, fetch: str = "") -> None:
        super().__init__(known.title)
        self._fetch_words = fetch
        self.known, self._downloads = known, downloads
        self.fault = ""
        self._in_use = False
        self.asked.connect(self._asked)
        self.dropped.connect(self._stop)
        downloads.changed.connect(self._told)
        downloads.fetched.connect(self._fetched)
        downloads.failed.connect(self._failed)
        self.refresh()

    @property
    def path(self) -> Path | None:
        """What to open, if it is there."""
        return self._downloads.path(self.known.key)

    def set_in_use(self, in_use: bool) -> None:
        """Mark it as the set that is in use."""
        if in_use != self._in_use:
            self._in_use = in_use
            self.set_chosen(in_use)
            self.refresh()

    def refresh(self) -> None:
        """Show the present state."""
        known, progress = self.known, self._downloads.progress(self.known.key)
        counts = f"{known.train:,} + {known.test:,}"
        self.about.set_token("danger" if self.fault else "muted")
        self.close_button.setVisible(progress is not None)
        self.close_button.setToolTip("Stop; what was fetched is kept")
        if progress is not None:
            left = "" if math.isnan(progress.seconds) else f" · {duration(progress.seconds)} left"
            self.about.set_text(f"{progress.done / 1e6:.1f} of {progress.total / 1e6:.1f} MB{left}")
            self.show_progress(progress.done / progress.total if progress.total else 0.0)
            self.offer()
            return
        self.show_progress(None)
        if self._in_use:
            self.about.set_text(f"{counts} · in use")
            self.offer()
        elif self.path is not None:
            self.about.set_text(f"{counts} · fetched")
            self.offer("Use", tip=f"Open {known.title}")
        elif self.fault:
            short = f"No connection: {OFFLINE}" if OFFLINE in self.fault else self.fault
            self.about.set_text(short)
            self.about.setToolTip(self.fault)
            self.offer(
                "Try again" if self._fetch_words else "",
                "save",
                f"Try again to fetch {known.title}, {known.megabytes:g} MB",
            )
        else:
            self.about.set_text(f"{counts} · {known.megabytes:g} MB")
            self.offer(self._fetch_words, "save", f"Fetch {known.title}, {known.megabytes:g} MB")

    def _asked(self) -> None:
        path = self.path
        self.fault = ""
        if path is not None:
            self.pathAsked.emit(path)
        else:
            self._downloads.start(self.known.key)

    def _stop(self) -> None:
        self._downloads.cancel(self.known.key)

    @Slot(str)
    def _told(self, key: str) -> None:
        if key == self.known.key:
            self.refresh()
            self.changed.emit()

    @Slot(str, object)
    def _fetched(self, key: str, _path: object) -> None:
        if key == self.known.key:
            self.fault = ""
            self._told(key)

    @Slot(str, str)
    def _failed(self, key: str, reason: str) -> None:
        if key == self.known.key:
            self.fault = reason
            self._told(key)
