"""Opening and saving designs, data sets and trained models; recent files."""
