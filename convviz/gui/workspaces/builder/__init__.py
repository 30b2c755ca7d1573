"""The Build workspace: which network, on which data, with which settings?"""
