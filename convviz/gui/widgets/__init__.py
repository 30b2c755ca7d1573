"""Parts every view is built from: arrays and settings in, intent out as signals. None of them knows the engine.

Each part is a file, and each file runs alone: ``python -m convviz.gui.widgets.array.view``.
"""
