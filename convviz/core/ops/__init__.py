"""Primitive ops: kernel, shape rule, derivative rule, formula and links of each in one place."""
