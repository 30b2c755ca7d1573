"""The colour scales of a step's pictures: their scope, and whether they are locked from pass to pass."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Axis
from convviz.present.colour import ColourRole, Levels, Scope
from convviz.present.roles import colour_role
from convviz.present.scales import HeldScales, largest_size
from convviz.present.step.pane import Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.values import Values

OWN = ("hits", "delta")
"""Contents with their own scale in every scope, because no other picture of the pass has such numbers."""


class StepScales:
    """The scales of the pictures of a pass.

    With ``picture``, a scale covers what the pane shows; with ``layer``, the whole array (all filters and channels) for
    the selected image, because in a minibatch one image's gradients can be a thousand times another's; with
    ``network``, all arrays of the pass that use the picture's colours, as far as they are computed. A locked scale only
    grows, in round steps, whatever image, minibatch or weights come next.
    """

    def __init__(self) -> None:
        self.scope = Scope.LAYER
        self.locked = False
        self._held = HeldScales()

    def choose(self, scope: Scope) -> None:
        """Change the scope of the scales."""
        self.scope = scope

    def lock(self, locked: bool) -> None:
        """Lock the scales from now on, or give every pass its own again."""
        self.locked = locked
        self._held.reset()

    @property
    def words(self) -> str:
        """Text for the status line: ``scale: this layer, locked over time``."""
        return f"scale: {self.scope.words}{', locked over time' if self.locked else ''}"

    def levels(self, values: Values, pane: Pane, picture: PanePicture, sample: int) -> Levels:
        """The values at the ends of a picture's scale, while an image of the pass is selected."""
        high = self._end(values, pane, picture, sample)
        if self.locked:
            high = self._held.end(self._key(pane, picture.role), np.array([high]))
        return Levels(-high if picture.role.diverging else 0.0, high, self.scope)

    @np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
    def _end(self, values: Values, pane: Pane, picture: PanePicture, sample: int) -> float:
        if pane.content in OWN or pane.view.size == 1:
            return picture.vmax
        if self.scope is Scope.PICTURE:
            # The scale of the complete picture: one that followed the micro-steps would hide how the picture fills.
            unknown = picture.known is not None and not picture.known.any()
            if unknown or pane.content != "array":
                return largest_size(picture.array) or picture.vmax
            return largest_size(pane.view.picture(values.stored(pane.array), values.program.arrays[pane.array])) or 1.0
        if self.scope is Scope.NETWORK:
            alike = [
                name
                for name, spec in values.program.arrays.items()
                if spec.shape and values.has(name) and colour_role(values.program, name) is picture.role
            ]
            return max([picture.vmax, *(values.largest(name) for name in alike)])
        if pane.content in ("array", "after") and values.has(pane.array):
            return _largest_of(values, pane, sample) or picture.vmax
        return picture.vmax

    def _key(self, pane: Pane, role: ColourRole) -> str:
        own = pane.content if pane.content in OWN else ""
        if self.scope is Scope.NETWORK and not own:
            return f"{self.scope} {role}"
        picture = f" {pane.view}" if self.scope is Scope.PICTURE else ""
        return f"{self.scope} {pane.array}{own}{picture}"


def _largest_of(values: Values, pane: Pane, sample: int) -> float:
    """The largest absolute value that the array has for an image; of all of it if the pane shows several images."""
    spec, stored = values.program.arrays[pane.array], values.stored(pane.array)
    if spec.column_blocks > 1:
        return largest_size(stored[sample])
    axis = spec.axis(Axis.SAMPLE)
    if axis is None or pane.view.count[axis] != 1 or spec.shape[axis] == 1:
        return values.largest(pane.array)
    return largest_size(stored[(slice(None),) * axis + (pane.view.start[axis],)])
