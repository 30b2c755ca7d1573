"""Training and stepping: trainer, evaluation, snapshots, passes and their cursor. No threads, files or Qt."""
