"""Data in a real window with a real mouse: fetching, importing, drawing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


def test_that_sets_are_fetched_files_imported_and_digits_drawn_with_a_mouse(
    real_window: dict[str, str], tmp_path: Path
) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("a real mouse needs xdotool (Debian, Ubuntu: apt-get install xdotool)")
    paths = ":".join(map(str, (ROOT, ROOT / "tests" / "support")))
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "support" / "data_walk.py"), str(tmp_path), "quick"],
        env=real_window | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    (seen,) = json.loads(done.stdout.splitlines()[-1]).values()
    assert seen["fetched"] == [24, "mnist"]
    assert seen["table"] == 40
    assert seen["folder"] == [24, "things"]
    assert seen["ink"] > 20
    assert seen["stepped"]
    assert "Traceback" not in done.stderr
