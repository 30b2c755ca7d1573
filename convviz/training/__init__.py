"""The run: session, trainer loop, commands, snapshots and the mailbox between the threads. No Qt."""
