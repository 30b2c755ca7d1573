"""The panels beside the views: data, hyperparameters, run controls."""
