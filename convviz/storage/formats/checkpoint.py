"""Checkpoints: HDF5 files with everything that a run needs to continue exactly where it stopped."""

from __future__ import annotations

from convviz.storage.formats.checkpoint_read import load_checkpoint
from convviz.storage.formats.checkpoint_write import WHAT, is_checkpoint, save_checkpoint
from convviz.storage.formats.model_format import ModelFormat

FORMAT = ModelFormat(
    "Trained models", ".h5", ("*.h5", "*.hdf5"), True, WHAT, is_checkpoint, save_checkpoint, load_checkpoint
)
