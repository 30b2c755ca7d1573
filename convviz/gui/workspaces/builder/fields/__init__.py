"""Editors of a design's fields, each made from the schema of its field."""
