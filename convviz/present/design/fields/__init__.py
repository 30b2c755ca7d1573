"""The fields of layers, optimisers and training as editors see them.

The schema gives names, types, ranges, defaults and choices; the table in
:mod:`convviz.present.design.fields.words` adds labels and tooltips. A new field of a layer needs one line there, and
gets its editor.
"""

from __future__ import annotations

from convviz.present.design.fields.schema import fields_of
from convviz.present.design.fields.spec import FieldKind, FieldSpec, FieldValueError
from convviz.present.design.fields.text import normal
from convviz.present.design.fields.words import Words, choice_word, title_of

__all__ = ["FieldKind", "FieldSpec", "FieldValueError", "Words", "choice_word", "fields_of", "normal", "title_of"]
