"""The sync server, and inside it `contract`, the one package that the desktop shares with it.

Deliberately empty: Python runs this file whenever the desktop imports `sync_server.contract`, so a line here
would load itself, and whatever it imports, into every desktop. The layer contracts cannot see this file's
imports as imports of the contract; tests/architecture/test_contract_is_light.py watches it instead.
"""
