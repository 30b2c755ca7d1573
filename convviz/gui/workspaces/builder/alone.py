"""Run a single view of Build with a preset: ``python -m …builder.inspector.inspector [--preset lenet-5]``."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from convviz.data.open import open_source
from convviz.data.sources import ImageSpec, builtin_for
from convviz.gui.alone import arguments, run_alone
from convviz.gui.workspaces.builder.side_panel import stacked
from convviz.gui.workspaces.builder.view import BuildLook, BuildView
from convviz.present.design.costs import costs
from convviz.present.design.data_facts import DataFacts
from convviz.storage.presets import preset, preset_names


def look_at(name: str = "course-7x7", number: int = 0) -> BuildLook:
    """A look at a preset with its built-in images, and one of its layers selected."""
    design = preset(name).named()
    data = open_source(builtin_for(ImageSpec.of(design)))
    facts = DataFacts(
        data.name, len(data.x_train), len(data.x_test), data.x_train.shape[1:], data.classes, data.x_train[0]
    )
    return BuildLook(design, costs(design), number, facts)


def run_view(make: Callable[[], BuildView]) -> None:
    """Show the view that ``make`` returns in a window, with a preset in it."""
    parser = arguments(run_view.__doc__)
    parser.set_defaults(size="330x640")
    parser.add_argument("--preset", default="course-7x7", choices=preset_names())
    parser.add_argument("--layer", type=int, default=0, help="number of the selected layer, from 0")
    given = parser.parse_args()

    def window() -> QWidget:
        view = make()
        view.show_look(look_at(given.preset, given.layer))
        return stacked([view], spacing=0, margins=(12, 12, 12, 12))

    raise SystemExit(run_alone(window, given))
