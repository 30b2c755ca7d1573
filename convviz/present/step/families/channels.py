"""Steps that choose and order channels."""

from __future__ import annotations

from types import MappingProxyType

from convviz.core.ops.join import PlacePart
from convviz.core.ops.shuffle import ShuffleChannels
from convviz.core.program import Phase, Program, Step
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell
from convviz.present.words import counted


def _shuffle(cell: OutputCell[ShuffleChannels]) -> str:
    channels, groups, c = cell.shape[1], cell.op.groups, cell.index[1]
    each = channels // groups
    turn, group = divmod(c, groups)
    return (
        f"Channel {c} here is channel {cell.op.source(channels, c)} of the input: number {turn} of group {group}. "
        f"{counted(groups, 'group')} of {counted(each, 'channel')} take turns, one channel of each, then the next. "
        "Nothing is computed."
    )


def _shuffle_title(_program: Program, step: Step) -> str:
    return "The gradients of the channels go back to their places" if step.phase is Phase.BACKWARD else ""


def _place_part(cell: OutputCell[PlacePart]) -> str:
    op, (c, count) = cell.op, (cell.index[1], cell.given(0).shape[1])
    word = "Channel" if len(cell.shape) == 4 else "Feature"
    if not op.start <= c < op.start + count:
        return f"{word} {c} had no part in what was taken, {op.start} to {op.start + count - 1}: from here it gets 0."
    return f"{word} {c} was number {c - op.start} of what was taken, and gets its gradient: {cell.made}."


CHANNELS: Presentations = MappingProxyType(
    {
        ShuffleChannels: Presentation(side_by_side, _shuffle, title=_shuffle_title),
        PlacePart: Presentation(side_by_side, _place_part, constant="0: this channel was not taken"),
    }
)
