"""The Data workspace: which images does the data set contain, and what do they look like?"""
