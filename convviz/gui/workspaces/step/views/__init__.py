"""The views of Step: each takes a picture in and signals what the user wants; none imports another."""
