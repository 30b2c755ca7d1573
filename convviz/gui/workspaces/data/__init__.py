"""The Data workspace: which images are there, and what do they look like?"""
