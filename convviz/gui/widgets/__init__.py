"""Parts every view is built from: arrays and settings in, intent out as signals. None of them knows the engine.

Each part is a file; ``python -m tests.demos NAME`` shows one of them alone.
"""
