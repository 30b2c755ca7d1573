"""Imported by the fork server of a sweep's workers, which gets it ready; nothing else imports this module."""

from convviz.sweeps.warming import get_ready

get_ready()
