"""The Probe workspace: what has the network learned, and why did it decide so?"""
