"""Revisions of the replica's schema, oldest first; `migrate.py` runs them.

Rules for a revision: literal names, never an import of application code; ADD, RENAME and DROP COLUMN as SQLite has them
(batch mode deletes what hangs on a table); it must not need an empty outbox, and never looks at one row at a time.
"""
