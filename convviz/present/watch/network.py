"""The network as a row of pictures, each with its scale, and one enlarged picture."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.present.scales import ScaleEnd
from convviz.present.watch.look import Look
from convviz.present.watch.panels import Panel, network_panels
from convviz.present.watched import Watched


@dataclass(frozen=True, slots=True, eq=False)
class ShownPanel:
    """One picture and its scale; scores have none."""

    panel: Panel
    end: ScaleEnd | None


@dataclass(frozen=True, slots=True, eq=False)
class NetworkPicture:
    """A pass of one image.

    Parameters
    ----------
    panels : tuple of ShownPanel
        In the order of the network; the scores last.
    watched : Watched
        The image, and the filter that is outlined.
    caption : str
        Names the image.
    label : int
        The image's class.
    class_names : tuple of str
    last : int
        Row of the last image that can be shown.
    """

    panels: tuple[ShownPanel, ...]
    watched: Watched
    caption: str
    label: int
    class_names: tuple[str, ...]
    last: int


def network_picture(look: Look) -> NetworkPicture | None:
    """The pass of the watched image; None if there is no network yet."""
    moment = look.moment
    if moment is None:
        return None
    caption = (
        f"image {moment.sample}, label {look.class_name(moment.label)} · click a filter to see it in detail, "
        "double-click a picture to enlarge it"
    )
    return NetworkPicture(
        tuple(on_scale(panel, look) for panel in network_panels(moment)),
        look.watched,
        caption,
        moment.label,
        look.class_names,
        look.images.get(look.watched.split, 1) - 1,
    )


def enlarged_picture(look: Look) -> ShownPanel | None:
    """The enlarged picture; None if the network has none of that name."""
    if look.moment is None:
        return None
    panels = (panel for panel in network_panels(look.moment) if panel.form != "scores")
    found = next((panel for panel in panels if panel.name == look.enlarged), None)
    return on_scale(found, look) if found is not None else None


def on_scale(panel: Panel, look: Look) -> ShownPanel:
    """A picture with the scale that is stored for it."""
    if panel.form == "scores":
        return ShownPanel(panel, None)
    if panel.fixed is not None:
        return ShownPanel(panel, ScaleEnd(panel.fixed))
    return ShownPanel(panel, look.scales.held(panel.name, panel.array))
