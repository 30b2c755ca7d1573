"""The parts of all views: arrays and settings in, the user's intentions out as signals. None knows the engine.

Each part is a module; ``python -m tests.demos NAME`` shows one of them alone.
"""
