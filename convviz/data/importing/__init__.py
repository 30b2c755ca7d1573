"""Making a data set of any file: what it holds, what that means, and the conversion to images and labels."""
