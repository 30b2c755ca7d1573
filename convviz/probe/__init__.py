"""What a network has learned, and why it decides as it does: NumPy on the engine's own programs.

::

    import convviz

    run, data = convviz.load("model.h5"), convviz.load_data()
    test = convviz.probe.Split(data.x_test, data.y_test)
    mistakes = convviz.probe.measure_mistakes(run.network, test)
    worst = mistakes.worst()[0]
    target = convviz.probe.Target.of_class(mistakes.answers[worst], against=test.labels[worst])
    parts = convviz.probe.contributions(run.network, test.images[worst], target)
    print(parts.pixels.sum(), parts.biases, parts.score)

Names are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convviz.core.score import Target
    from convviz.probe.ablation import Ablation, rank_filters
    from convviz.probe.ascent import maximise
    from convviz.probe.attack import Change, fgsm, smallest_change, smallest_fgsm
    from convviz.probe.class_activation import GradCam, grad_cam
    from convviz.probe.covering import Occlusion, occlusion
    from convviz.probe.embedding import NeighbourMap, aligned, neighbour_map
    from convviz.probe.evidence import Evidence, weights_of_evidence
    from convviz.probe.fields import ReceptiveField, receptive_field
    from convviz.probe.filters import Filters, measure_filters
    from convviz.probe.kernels import Kernels, compare_kernels
    from convviz.probe.linear import Contributions, contributions
    from convviz.probe.mistakes import Calibration, Mistakes, measure_mistakes
    from convviz.probe.principal import PrincipalMap, principal_map
    from convviz.probe.progress import ProbeCancelledError
    from convviz.probe.pruning import Pruned, prune
    from convviz.probe.removal import without_filter
    from convviz.probe.saliency import (
        gradient,
        gradient_times_input,
        guided_backprop,
        integrated_gradients,
        smooth_gradient,
    )
    from convviz.training.images import Split

__all__ = [
    "Ablation",
    "Calibration",
    "Change",
    "Contributions",
    "Evidence",
    "Filters",
    "GradCam",
    "Kernels",
    "Mistakes",
    "NeighbourMap",
    "Occlusion",
    "PrincipalMap",
    "ProbeCancelledError",
    "Pruned",
    "ReceptiveField",
    "Split",
    "Target",
    "aligned",
    "compare_kernels",
    "contributions",
    "fgsm",
    "grad_cam",
    "gradient",
    "gradient_times_input",
    "guided_backprop",
    "integrated_gradients",
    "maximise",
    "measure_filters",
    "measure_mistakes",
    "neighbour_map",
    "occlusion",
    "principal_map",
    "prune",
    "rank_filters",
    "receptive_field",
    "smallest_change",
    "smallest_fgsm",
    "smooth_gradient",
    "weights_of_evidence",
    "without_filter",
]

_HOMES = {
    "convviz.core.score": ("Target",),
    "convviz.probe.ablation": ("Ablation", "rank_filters"),
    "convviz.probe.ascent": ("maximise",),
    "convviz.probe.attack": ("Change", "fgsm", "smallest_change", "smallest_fgsm"),
    "convviz.probe.class_activation": ("GradCam", "grad_cam"),
    "convviz.probe.covering": ("Occlusion", "occlusion"),
    "convviz.probe.embedding": ("NeighbourMap", "aligned", "neighbour_map"),
    "convviz.probe.evidence": ("Evidence", "weights_of_evidence"),
    "convviz.probe.filters": ("Filters", "measure_filters"),
    "convviz.probe.fields": ("ReceptiveField", "receptive_field"),
    "convviz.probe.kernels": ("Kernels", "compare_kernels"),
    "convviz.probe.linear": ("Contributions", "contributions"),
    "convviz.probe.mistakes": ("Calibration", "Mistakes", "measure_mistakes"),
    "convviz.probe.principal": ("PrincipalMap", "principal_map"),
    "convviz.probe.progress": ("ProbeCancelledError",),
    "convviz.probe.pruning": ("Pruned", "prune"),
    "convviz.probe.removal": ("without_filter",),
    "convviz.probe.saliency": (
        *("gradient", "gradient_times_input", "guided_backprop"),
        *("integrated_gradients", "smooth_gradient"),
    ),
    "convviz.training.images": ("Split",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(importlib.import_module(home), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted({*globals(), *__all__})
