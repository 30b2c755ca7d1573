"""What networks learn from the built-in digits alone: ``python -m tests.bench.digits --mnist MNISTdata.hdf5``.

Trains presets for five epochs on the built-in digits, without and with augmentation, and reads their own test images
and, if the file is given, MNIST's test images, which none of them has seen. Prints accuracies and confusions: a row a
true class, a column a predicted one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

import convviz
from convviz.core.augment.settings import OFF, Augmentation
from convviz.training.predict import Predictions

EPOCHS = 5
CHANGED = Augmentation(rotate=8.0, scale=0.1, shear=10.0, elastic=1.0)
"""How far handwriting varies, as a guess; not fitted to MNIST."""
WANTED = {
    ("course-7x7", "own"): 0.97,
    ("course-7x7", "MNIST"): 0.93,
    ("best-small", "own"): 0.97,
}
"""Least accuracies; either row of a preset may reach them."""


def main() -> None:
    """Train, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0] if __doc__ else "")
    parser.add_argument("--mnist", type=Path, help="a file with MNIST's test images")
    parser.add_argument("--preset", nargs="*", default=["course-7x7", "best-small"])
    chosen = parser.parse_args()
    digits = convviz.load_data()
    sets = {"own": digits, **({"MNIST": convviz.load_data(chosen.mnist)} if chosen.mnist else {})}
    for name in chosen.preset:
        for settings in (OFF, CHANGED):
            found = convviz.preset(name)
            design = replace(found, training=replace(found.training, augmentation=settings))
            run = convviz.train(design, digits, epochs=EPOCHS)
            how = "augmented" if settings.is_on else "as they are"
            for of, data in sets.items():
                show(f"{name}, {how}, {of} test images", convviz.predict(run, data), WANTED.get((name, of)))


def show(title: str, found: Predictions, wanted: float | None) -> None:
    """Print an accuracy and its confusions."""
    least = "" if wanted is None else f" (wanted: {wanted:.0%})"
    print(f"{title}: {found.accuracy:.2%}{least}")
    for label, row in enumerate(found.confusion):
        print(f"  {label}: " + " ".join(f"{count:5d}" for count in row))


if __name__ == "__main__":
    main()
