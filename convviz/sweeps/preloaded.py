"""What the fork server of a sweep's workers imports: it gets ready by that. Nothing else imports this module."""

from convviz.sweeps.warming import get_ready

get_ready()
