"""The colour scales of a step's pictures: their scope, and whether they are locked from pass to pass."""

from __future__ import annotations

import numpy as np

from convviz.present.colour import ColourRole, Levels, Scope
from convviz.present.roles import colour_role
from convviz.present.scales import HeldScales
from convviz.present.step.pane import Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.values import Values

OWN = ("hits", "delta")
"""Contents with their own scale in every scope, because no other picture of the pass has such numbers."""


class StepScales:
    """The scales of the pictures of a pass.

    With ``picture``, a scale covers what the pane shows; with ``layer``, the whole array (all filters, channels and
    images); with ``network``, all arrays of the pass that use the picture's colours, as far as they are computed.
    A locked scale only grows, in round steps, whatever image, minibatch or weights come next.
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

    def levels(self, values: Values, pane: Pane, picture: PanePicture) -> Levels:
        """The values at the ends of a picture's scale."""
        high = self._end(values, pane, picture)
        if self.locked:
            high = self._held.end(self._key(pane, picture.role), np.array([high]))
        return Levels(-high if picture.role.diverging else 0.0, high, self.scope)

    @np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
    def _end(self, values: Values, pane: Pane, picture: PanePicture) -> float:
        if pane.content in OWN or pane.view.size == 1:
            return picture.vmax
        if self.scope is Scope.PICTURE:
            # The scale of the complete picture: one that followed the micro-steps would hide how the picture fills.
            unknown = picture.known is not None and not picture.known.any()
            if unknown or pane.content != "array":
                return _largest(picture.array) or picture.vmax
            return _largest(pane.view.picture(values.stored(pane.array), values.program.arrays[pane.array])) or 1.0
        if self.scope is Scope.NETWORK:
            alike = [
                name
                for name, spec in values.program.arrays.items()
                if spec.shape and values.has(name) and colour_role(values.program, name) is picture.role
            ]
            return max([picture.vmax, *(values.largest(name) for name in alike)])
        return picture.vmax

    def _key(self, pane: Pane, role: ColourRole) -> str:
        own = pane.content if pane.content in OWN else ""
        if self.scope is Scope.NETWORK and not own:
            return f"{self.scope} {role}"
        picture = f" {pane.view}" if self.scope is Scope.PICTURE else ""
        return f"{self.scope} {pane.array}{own}{picture}"


def _largest(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> float:
    numbers = np.abs(np.asarray(array, dtype=np.float64))
    finite = numbers[np.isfinite(numbers)]
    return float(finite.max()) if finite.size else 0.0
