"""Editors of a design's fields, each made from what the schema says of its field."""
