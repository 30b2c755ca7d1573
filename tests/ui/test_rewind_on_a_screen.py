"""Rewind with the mouse, in a real window on a virtual screen, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
HELD = 24


def test_that_a_run_is_held_rewound_stepped_branched_and_compared_by_mouse(
    real_window: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.demos.rewind_walk", str(tmp_path)],
        env=real_window,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["platform"] == "xcb"
    assert (seen["held"], seen["dragged"], seen["stepped"]) == (HELD - 1, 6, 10)
    assert seen["played"] == [7, 8, 9, 10, 11]
    assert seen["replayed"].endswith("replayed bit for bit.")
    assert seen["branched"], "the branch begins with the weights of that moment"
    assert [10, "fork"] in seen["fork"]
    assert len(seen["compared"]) == 2
    assert len(list(tmp_path.glob("*.png"))) == 5
    assert "Traceback" not in done.stderr
