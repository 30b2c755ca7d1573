"""How training changes its images at random: one row per change, and a preview on an image."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.core.augment.settings import Augmentation
from convviz.gui.widgets.augmentation_strip import AugmentationStrip
from convviz.gui.widgets.labels import Heading
from convviz.gui.workspaces.builder.alone import run_view
from convviz.gui.workspaces.builder.settings.field_row import FieldRow
from convviz.gui.workspaces.builder.view import BuildLook, BuildView
from convviz.present.design.fields import fields_of
from convviz.present.run_facts import differences


class AugmentationBox(BuildView):
    """Shows a design's augmentation, previewed on an image of the data set, and reports edits by signals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, FieldRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Heading("Augmentation"))
        column.addSpacing(2)
        for spec in fields_of(Augmentation):
            row = FieldRow(spec, spec.default)
            row.edited.connect(
                lambda value, name=spec.name: self.edited.emit(("training", "augmentation", name), value)
            )
            row.finished.connect(self.gestureEnded)
            self.rows[spec.name] = row
            column.addWidget(row)
        self.strip = AugmentationStrip()
        column.addWidget(self.strip)

    def show_look(self, look: BuildLook) -> None:
        training, run = look.design.training, look.run
        found = {} if run is None else {one.path: one for one in differences(run.design, look.design)}
        for name, row in self.rows.items():
            row.set_value(getattr(training.augmentation, name))
            row.show_run(run, found.get(("training", "augmentation", name)))
        self.strip.show_image(look.data.sample if look.data else None, 0)
        self.strip.show_settings(training.augmentation, training.seed)


if __name__ == "__main__":
    run_view(AugmentationBox)
