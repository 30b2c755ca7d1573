"""Makes a data set of any file: finds out what it holds and what that means, and converts it to images and labels."""
