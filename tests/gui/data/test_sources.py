"""Known sets by one click: fetched, stopped, gone on with; and recent files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt

from convviz.data.known.catalogue import KnownSet, known_set
from convviz.gui.files.downloads import Downloads
from convviz.gui.files.recent import RecentFiles
from convviz.gui.workspaces.data.sources_panel import SourcesPanel
from tests.data import layouts
from tests.support.known_server import Server, served_file, server
from tests.support.whole_window import DATA, WholeWindow

__all__ = ["server"]


@pytest.fixture
def known(server: Server, tmp_path: Path) -> KnownSet:
    """A set that is spread as MNIST is, from this machine."""
    (tmp_path / "made").mkdir()
    made = layouts.idx_packed(tmp_path / "made")
    files = [served_file(server, file.name, file.read_bytes()) for file in sorted(made.path.iterdir())]
    return replace(known_set("mnist"), files=tuple(files), megabytes=sum(map(len, server.files.values())) / 1e6)


@pytest.fixture
def panel(qtbot, theme, known: KnownSet, tmp_path: Path) -> Iterator[SourcesPanel]:
    downloads = Downloads([known], tmp_path / "cache")
    downloads.pause = 0.01
    made = SourcesPanel(downloads)
    qtbot.addWidget(made)
    made.resize(240, 700)
    made.show()
    made.downloads = downloads
    yield made
    downloads.close()


def click(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_that_one_click_fetches_and_opens_a_set(qtbot, panel: SourcesPanel, tmp_path: Path) -> None:
    row = panel.known["mnist"]
    assert row.about.text().startswith("60,000 + 10,000 · ")
    with qtbot.waitSignal(panel.downloads.fetched, timeout=10000) as opened:
        click(qtbot, row.button)
    assert opened.args == ["mnist", tmp_path / "cache" / "mnist"]
    assert row.button.text() == "Use"
    assert row.about.text() == "60,000 + 10,000 · fetched"
    with qtbot.waitSignal(panel.pathAsked, timeout=10000):
        click(qtbot, row.button)


def test_that_a_download_can_be_stopped(qtbot, panel: SourcesPanel, server: Server) -> None:
    row, server.manner = panel.known["mnist"], "silent"
    click(qtbot, row.button)
    qtbot.waitUntil(lambda: bool(server.asked), timeout=10000)
    assert row.close_button.isVisible()
    assert not row.button.isVisible()
    click(qtbot, row.close_button)
    server.go_on.set()
    qtbot.waitUntil(lambda: row.button.isVisible(), timeout=20000)
    assert not row.close_button.isVisible()
    server.manner = "honest"
    with qtbot.waitSignal(panel.downloads.fetched, timeout=10000):
        click(qtbot, row.button)


def test_that_a_download_goes_on_where_it_broke_off(qtbot, theme, server: Server, tmp_path: Path) -> None:
    large = np.random.default_rng(0).bytes(400_000)
    known = replace(known_set("mnist"), files=(served_file(server, "large.gz", large),))
    downloads = Downloads([known], tmp_path)
    downloads.pause = 0.01
    panel = SourcesPanel(downloads)
    qtbot.addWidget(panel)
    panel.show()
    row, server.manner = panel.known["mnist"], "truncated"
    click(qtbot, row.button)
    qtbot.waitUntil(lambda: "expected to download" in row.about.text(), timeout=10000)
    kept = (tmp_path / "mnist" / "large.gz.part").stat().st_size
    assert kept > 0
    server.manner = "honest"
    with qtbot.waitSignal(downloads.fetched, timeout=10000):
        click(qtbot, row.button)
    assert server.asked[-1] == ("/large.gz", f"bytes={kept}-")
    assert (tmp_path / "mnist" / "large.gz").read_bytes() == large


def test_that_a_failed_download_says_why_and_can_be_tried_again(qtbot, panel, server: Server) -> None:
    row, server.manner = panel.known["mnist"], "failing"
    click(qtbot, row.button)
    qtbot.waitUntil(lambda: "HTTP 503" in row.about.text(), timeout=10000)
    server.manner = "honest"
    with qtbot.waitSignal(panel.downloads.fetched, timeout=10000):
        click(qtbot, row.button)
    assert "HTTP" not in row.about.text()


def test_that_files_that_are_gone_are_faint_and_can_be_forgotten(qtbot, theme, tmp_path: Path) -> None:
    recent = RecentFiles(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat), "data/recent")
    there, gone = tmp_path / "there.npz", tmp_path / "gone.npz"
    there.write_bytes(b"123")
    recent.add(gone)
    recent.add(there)
    panel = SourcesPanel(Downloads(()), recent)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.recent_rows[gone].about.text() == "not there any more"
    with qtbot.waitSignal(panel.pathAsked, timeout=5000) as opened:
        click(qtbot, panel.recent_rows[there])
    assert opened.args == [there]
    click(qtbot, panel.recent_rows[gone].close_button)
    assert list(panel.recent_rows) == [there]
    assert recent.all() == [there]


def test_that_the_window_shows_what_is_in_use(qtbot, window: WholeWindow) -> None:
    window.go_to(DATA)
    sources = window.stack.front.page.sources
    assert sources.used.title.text() == "noise"
    assert sources.used.about.text() == "96 + 20"
    np.testing.assert_array_equal(sources.used.picture.values, window.run.train.images[0])
    assert sources.builtin.isVisible()


def test_that_a_network_for_other_images_is_changed_for_the_built_in_digits_if_asked(
    qtbot, window: WholeWindow
) -> None:
    window.go_to(DATA)
    click(qtbot, window.stack.front.page.sources.builtin.button)
    assert window.message.text() == "The built-in digits are 1×28×28, ten classes; the network takes 1×10×10."
    assert window.run.data_name == "noise"
    (change,) = window.message.action_buttons
    click(qtbot, change)
    qtbot.waitUntil(lambda: window.run.data_name == "built-in digits", timeout=20000)
    assert window.run.design.input.height == 28
