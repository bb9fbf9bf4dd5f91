"""Keys and tokens: the only door to ``keyring``, and the only place where a secret of a person is checked.

``secret_store`` says what a keyring must do, ``keyring_store`` is the operating system's, ``keys`` derives and wraps,
``key_file`` keeps the wraps on disk, ``attempts`` slows guessing down, ``device_key`` signs, ``tokens`` keeps the
refresh token, ``recovery`` seals to the organization's key, ``identity`` puts them together.
It never opens the replica, never talks to the server, and never writes a secret anywhere in the clear.

Decisions
---------
**D-31 Two halves.** The replica key is wrapped under HKDF(argon2id(secret) ‖ keyring secret): a copied disk lacks the
keyring's half, a copied keyring lacks the person's. The unwrap is the only check of a password; no verifier is stored.

**D-32 Tries are counted in the keyring, before the check.** A try is written down first, so killing the program in
mid-check gives none for free; in the keyring, so putting an old folder back does not reset it. A record that vanished
counts as used up. A clock that goes back restarts the wait, it never shortens it.

**D-33 The device key opens with the person's secret alone.** Everybody on a tablet shares one operating system account
and so one keyring; the Ed25519 key lies there wrapped by a key that only the person's own unlock opens, which lets a
supervisor sign on a technician's installation and nobody else in his name. That wrapping key lies in the same wrap as
the replica key, so a change of secret is one rename; it is never sealed to the organization. Rejected: the device key
directly under the unlock key (file and keyring could be left apart by a crash), and derived from the replica key (the
recovery key could then sign for people).

**D-34 Damage is not a wrong password.** ``keys.json`` carries a digest of itself, so a flipped byte is told apart from
a typing error and costs no try.
"""
