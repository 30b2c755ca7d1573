"""Every widget with something in it, to be looked at: ``python -m tests.demos NAME [--dark]``."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from tests.demos import arrays, curves, fields, messages, network_maps, parts

DEMOS: dict[str, Callable[[], QWidget]] = {
    made.__name__: made
    for made in (
        *(arrays.array_view, arrays.held_scale, arrays.overview_strip, arrays.scale_bar),
        *(curves.curve_view, fields.combo, fields.segmented, fields.value_field),
        *(messages.inline_message, messages.question),
        *(parts.badge, parts.buttons, parts.card, parts.fact_table, parts.fitting_label, parts.labels),
        parts.status_line,
        *(network_maps.network_map_small, network_maps.network_map_deep),
        *(network_maps.network_map_whole, network_maps.network_map_branches),
    )
}
