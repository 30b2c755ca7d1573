"""The views of Step: each shows a picture and signals what the user wants; no view imports another."""
