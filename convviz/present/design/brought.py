"""A sentence about a design that took the place of another one: what it brings with it."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.plurals import capital


@dataclass(frozen=True, slots=True)
class Brought:
    """What a design has brought, and how to take it back.

    Parameters
    ----------
    sentence : str
    undo : str
        Text of the button that brings the previous design and data back.
    """

    sentence: str
    undo: str = "Undo"


def brought(
    name: str, *, data: str, coming: str = "", own: bool = False, fault: str = "", trained: bool = False
) -> Brought:
    """Say what a newly opened design brings, and what it replaces.

    Parameters
    ----------
    name : str
        Name of the design.
    data : str
        The data set that is open.
    coming : str
        The data set that takes its place; empty if none does.
    own : bool
        Whether the coming data set belongs to the design, as the toy images do to the toy.
    fault : str
        Why the design can't be trained; empty if it can.
    trained : bool
        Whether a trained network stays until the design is trained.
    """
    name = name or "The new design"
    then = " once it is trained" if trained else ""
    if coming and own:
        put_aside = f"they take the place of {data}{then}" if data else "they are opened"
        return Brought(f"{name} brings its own {coming}: {put_aside}.", f"Give {data} back" if data else "Undo")
    if coming:
        return Brought(f"{name} is open, with {coming} in the place of {data}{then}.")
    if fault:
        return Brought(f"{name} is open, but can't be trained yet. {capital(fault).rstrip('.')}.")
    stays = "; the trained network stays until this one is trained" if trained else ""
    return Brought(f"{name} is open and fits {data or 'the data'}{stays}.")
