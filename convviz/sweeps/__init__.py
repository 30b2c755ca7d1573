"""Sweeps: one design trained with many settings, on as many processes and machines as there are.

:mod:`.values` reads what is to be tried, :mod:`.fields` puts it into the design, :mod:`.plan` makes the runs of it,
:mod:`.manifest` keeps the state of each in the sweep's folder. :mod:`.stage` is a worker's task, :mod:`.workers` starts
or finds the workers, :mod:`.engine` hands the runs to Dask, which schedules them.

Every run is a recording of its own in the folder, trained by :func:`convviz.train`: the numbers are those of
``convviz train``, and a run that was cut short goes on from its recording.
"""
