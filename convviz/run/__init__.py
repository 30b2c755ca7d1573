"""A run in a thread of its own: session, commands, messages, mailbox; opening and keeping models."""
