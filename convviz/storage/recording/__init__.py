"""Recordings: one file, written during training, with everything that is needed to go back to any minibatch of a run.

A recording (``run.cvz``) is an SQLite database. HDF5 in SWMR mode would keep one format for all of convviz's files, and
was tried; SQLite was chosen for these reasons (scripts: ``tests/bench/recording.py``, ``tests/storage/recording``):

killed
    Both formats survive ``kill -9``: everything that was committed is there. SQLite promises the same for a power cut,
    as each commit is flushed to the disk; HDF5 promises nothing. Commits come twice a second, so at most the last
    second is lost, and nobody has to repair anything: whoever opens the file next reads the log beside it.
disk full
    SQLite rolls the commit back, and the file still opens. On a full disk the HDF5 library is left with a file that it
    can neither write nor close, and may end the process.
reading meanwhile
    SQLite's write-ahead log gives every reader the state of one commit, from another connection and another thread.
    h5py can't open a file twice in one process in different modes, and its library has one lock for all threads, which
    would hold the window while the recorder writes.
thinning
    Key points are deleted as the run grows, and SQLite reuses their space. In SWMR mode nothing can be deleted.
network home
    The write-ahead log needs memory that all readers share, which network file systems do not have. There, and wherever
    SQLite refuses the log, a rollback journal takes its place (:mod:`convviz.files.network_drive`). It is as safe, but
    readers wait some milliseconds while a commit is written.

For those who want HDF5 all the same, ``convviz export run.cvz run.h5`` writes everything as plain arrays
(:mod:`.export`). Nothing is ever pickled; numbers are little-endian arrays, text is JSON or TOML, and every row has a
checksum, because SQLite checks its structure but not its contents.

Where to begin: :mod:`.schema` has the tables, :mod:`.head` the facts about the run as a whole, :mod:`.write` and
:mod:`.read` the writer and the reader, and :mod:`.thinning` decides which key points stay.
"""
