"""Models of Keras in ``.keras`` and ``.h5`` files, read without Keras or TensorFlow.

``archive`` opens a file, ``model`` reads which layers it describes, ``stored`` finds their weights, ``layers`` names
the converter of each class of layer, and ``reader`` makes the network.
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
