"""Alembic's room: the revisions of the server's schema. Run by storage/migrating.py, never by hand."""
