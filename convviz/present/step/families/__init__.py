"""How every op is presented: one file for each family, collected here."""

from __future__ import annotations

from types import MappingProxyType

from convviz.core.ops.base import Op
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.families.activation import ACTIVATION
from convviz.present.step.families.channels import CHANNELS
from convviz.present.step.families.convolution import CONVOLUTION
from convviz.present.step.families.dense import DENSE
from convviz.present.step.families.group_norm import GROUP_NORM
from convviz.present.step.families.join import JOIN
from convviz.present.step.families.loss import LOSS
from convviz.present.step.families.margin_loss import MARGIN_LOSS
from convviz.present.step.families.norm import NORM
from convviz.present.step.families.pooling import POOLING
from convviz.present.step.families.resample import RESAMPLE
from convviz.present.step.families.reshape import RESHAPE
from convviz.present.step.families.response_norm import RESPONSE_NORM
from convviz.present.step.families.scale import SCALE
from convviz.present.step.families.update import UPDATE
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import plain_sentence

PRESENTATIONS: Presentations = MappingProxyType(
    {
        **CONVOLUTION,
        **DENSE,
        **RESHAPE,
        **ACTIVATION,
        **POOLING,
        **CHANNELS,
        **RESAMPLE,
        **JOIN,
        **NORM,
        **GROUP_NORM,
        **RESPONSE_NORM,
        **SCALE,
        **LOSS,
        **MARGIN_LOSS,
        **UPDATE,
    }
)
"""The presentation of every class of op that has one."""

PLAIN = Presentation(side_by_side, plain_sentence)
"""The presentation of an op that has none of its own."""


def presentation_of(op: Op) -> Presentation:
    """The presentation of the steps of an op."""
    return presentation_of_kind(type(op))


def presentation_of_kind(kind: type[Op]) -> Presentation:
    """The presentation of a kind of op: its own, else that of the nearest base class that has one."""
    return next((PRESENTATIONS[base] for base in kind.__mro__ if base in PRESENTATIONS), PLAIN)
