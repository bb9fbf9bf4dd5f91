"""Keys and tokens: the only door to ``keyring``, and the only place where a secret of a person is checked.

``secret_store`` says what a keyring must do, ``keyring_store`` is the operating system's, ``keys`` derives and wraps,
``key_file`` keeps the wraps on disk, ``attempts`` slows guessing down, ``device_key`` signs, ``tokens`` keeps the
refresh token, ``recovery`` seals to the organization's key, ``identity`` puts them together.
It never opens the replica, never talks to the server, and never writes a secret anywhere in the clear.
Decisions: README.md.
"""
