"""A small language for questions about arrays: ``mean(abs(conv1.d_weight)) > 0.1``.

It has its own parser and knows nothing but numbers, arrays by name, and the functions of
:mod:`convviz.core.expressions.functions`. What an expression costs is known before it is evaluated.
"""
