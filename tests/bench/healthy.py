"""What the warnings say of the presets' runs on the built-in digits: nothing, if all is well.

python -m tests.bench.healthy [PRESET …] [--images 3000] [--steps 600]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from convviz.core.design import Design
from convviz.present.history import History
from convviz.present.watch.warnings import find_warnings
from convviz.storage.presets import preset, preset_names
from tests.support.ill_runs import history_of

EVERY = 20
"""Steps between two looks."""


def told(design: Design, images: int, steps: int) -> tuple[History, dict[str, tuple[int, str]]]:
    """Everything that is said at any time: key of the warning → the first step, and the sentence."""
    said: dict[str, tuple[int, str]] = {}

    def look(history: History, step: int) -> None:
        for warning in find_warnings(history, design):
            said.setdefault(warning.key, (step, warning.sentence))

    return history_of(design, images, every=EVERY, steps=steps, look=look), said


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each preset, and its warnings below; returns how many there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=preset_names(), help="all unless given")
    parser.add_argument("--images", type=int, default=3000, help="training images")
    parser.add_argument("--steps", type=int, default=600, help="minibatches at the most")
    given = parser.parse_args(arguments)
    warnings = 0
    for name in given.presets:
        began = time.monotonic()
        history, said = told(preset(name).named(), given.images, given.steps)
        accuracy = history.epochs.column(5)
        shown = f"{100 * accuracy[-1]:.1f} % of the test images right" if len(accuracy) else "no epoch done"
        seconds = time.monotonic() - began
        print(f"{name:18} {len(history.minibatches):6,} steps {seconds:5.0f} s   {shown}", flush=True)
        for key, (step, sentence) in said.items():
            print(f"    from step {step:,}: {key}: {sentence}", flush=True)
        warnings += len(said)
    print(f"{warnings} warnings")
    return warnings


if __name__ == "__main__":
    raise SystemExit(min(main(), 1))
