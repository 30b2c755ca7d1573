"""convviz: a desktop debugger for convolutions.

Python scripts use the same code as the app and the command line::

    import convviz

    data = convviz.load_data()
    run = convviz.train(convviz.preset("course-7x7"), data, epochs=1, save_to="model.h5")
    print(run.history[-1].test_accuracy)

Names are imported when they are first used, so that ``import convviz`` itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from convviz.version import __version__

if TYPE_CHECKING:
    from convviz import probe
    from convviz.api.code import export_code
    from convviz.api.data import load_data
    from convviz.api.designs import load_design, preset, preset_names, save_design
    from convviz.api.predicting import predict
    from convviz.api.recordings import RecordedRun, open_run
    from convviz.api.run import Run, load, save
    from convviz.api.steps import PassStep, step_through
    from convviz.api.traces import OpenedTrace, open_trace
    from convviz.api.training import OtherDataError, RecordingWarning, train
    from convviz.api.weights import WeightTable, load_weights, weight_table_of
    from convviz.core.design import Design
    from convviz.core.errors import ConvvizError, DesignError, NonFiniteError
    from convviz.core.network import Network
    from convviz.data.dataset import Dataset
    from convviz.data.errors import DataError
    from convviz.data.importing.recipe import Recipe
    from convviz.files.errors import OutputError
    from convviz.storage.errors import CheckpointError
    from convviz.storage.recording.errors import RecordingError
    from convviz.storage.trace import TraceError
    from convviz.sweeps.errors import SweepError
    from convviz.sweeps.halving import Halving
    from convviz.sweeps.running import sweep
    from convviz.training.events import Compiling, EpochDone, Evaluating, MinibatchDone
    from convviz.training.predict import Predictions
    from convviz.training.trainer import Trainer

__all__ = [
    "CheckpointError",
    "Compiling",
    "ConvvizError",
    "DataError",
    "Dataset",
    "Design",
    "DesignError",
    "EpochDone",
    "Evaluating",
    "Halving",
    "MinibatchDone",
    "Network",
    "NonFiniteError",
    "OpenedTrace",
    "OtherDataError",
    "OutputError",
    "PassStep",
    "Predictions",
    "Recipe",
    "RecordedRun",
    "RecordingError",
    "RecordingWarning",
    "Run",
    "SweepError",
    "TraceError",
    "Trainer",
    "WeightTable",
    "__version__",
    "export_code",
    "load",
    "load_data",
    "load_design",
    "load_weights",
    "open_run",
    "open_trace",
    "predict",
    "preset",
    "preset_names",
    "probe",
    "save",
    "save_design",
    "step_through",
    "sweep",
    "train",
    "weight_table_of",
]

_HOMES = {
    "convviz.api.code": ("export_code",),
    "convviz.api.data": ("load_data",),
    "convviz.api.designs": ("load_design", "preset", "preset_names", "save_design"),
    "convviz.api.predicting": ("predict",),
    "convviz.api.recordings": ("RecordedRun", "open_run"),
    "convviz.api.run": ("Run", "load", "save"),
    "convviz.api.steps": ("PassStep", "step_through"),
    "convviz.api.traces": ("OpenedTrace", "open_trace"),
    "convviz.api.training": ("OtherDataError", "RecordingWarning", "train"),
    "convviz.api.weights": ("WeightTable", "load_weights", "weight_table_of"),
    "convviz.core.design": ("Design",),
    "convviz.core.errors": ("ConvvizError", "DesignError", "NonFiniteError"),
    "convviz.core.network": ("Network",),
    "convviz.data.dataset": ("Dataset",),
    "convviz.data.errors": ("DataError",),
    "convviz.data.importing.recipe": ("Recipe",),
    "convviz.files.errors": ("OutputError",),
    "convviz.storage.errors": ("CheckpointError",),
    "convviz.storage.recording.errors": ("RecordingError",),
    "convviz.storage.trace": ("TraceError",),
    "convviz.sweeps.errors": ("SweepError",),
    "convviz.sweeps.halving": ("Halving",),
    "convviz.sweeps.running": ("sweep",),
    "convviz.training.events": ("Compiling", "EpochDone", "Evaluating", "MinibatchDone"),
    "convviz.training.predict": ("Predictions",),
    "convviz.training.trainer": ("Trainer",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "probe":
        return importlib.import_module("convviz.probe")
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(importlib.import_module(home), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted({*globals(), *__all__})
