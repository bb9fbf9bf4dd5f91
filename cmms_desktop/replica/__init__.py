"""The replica: the person's encrypted local store. Nothing outside this package opens its file.

``database`` hands out one writer and two readers; ``connections`` makes them behind ``open_guard``; ``instance_lock``
keeps a second window out. Tables, the outbox and migrations stand beside them.
No network and no Qt here, ever. Decisions: README.md.
"""
