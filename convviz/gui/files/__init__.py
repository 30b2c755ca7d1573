"""Opening and saving: data sets, trained models, what was opened lately."""
