"""Known data sets: a catalogue of them, their download, and the folder that they are kept in."""
