"""Models of Keras in ``.keras`` and ``.h5`` files, read without Keras or TensorFlow.

``archive`` opens a file, ``model`` says which layers it describes, ``stored`` finds their weights; ``layers`` names
what each class of layer is in a design, and ``reader`` puts them together.
"""

from __future__ import annotations

from convviz.storage.formats.keras.archive import WHAT, recognises
from convviz.storage.formats.keras.reader import load
from convviz.storage.formats.model_format import ModelFormat

FORMAT = ModelFormat(
    title="Keras models",
    suffix=".keras",
    patterns=("*.keras",),
    whole=False,
    what=WHAT,
    recognises=recognises,
    save=None,
    load=load,
)
