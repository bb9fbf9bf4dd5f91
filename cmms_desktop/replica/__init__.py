"""The replica: the person's encrypted local store. Nothing outside this package opens its file.

``database`` hands out one writer and two readers; ``connections`` makes them behind ``open_guard``; ``instance_lock``
keeps a second window out. Tables, the outbox and migrations stand beside them. No network and no Qt here, ever.

Decisions
---------
**D-41 One file, one key, raw.** The SQLCipher key is 32 random bytes given as a raw key, so opening costs no key
derivation; the person's secret protects the *wrapped* key (``credentials``). Rejected: a passphrase as SQLCipher key
(256,000 PBKDF2 rounds for every pooled connection).

**D-42 Cipher pages of 4,096 bytes.** Measured (SQLCipher 4.19, 30,000 rows of 21 columns, two cores): 4,096 against
8,192 bytes: one-row durable commits 0.20 against 0.23 ms, bulk insert 0.215 against 0.175 s, point reads 17 against
15 µs. A technician's save is a one-row commit, and 4,096 is SQLCipher's default, so ``ATTACH`` needs no further
setting. Rejected: 8,192 (faster bulk, but every small commit writes and syncs twice the bytes).

**D-43 Transactions are ours.** The driver runs in autocommit; SQLAlchemy's ``begin`` event sends ``BEGIN IMMEDIATE``
(writer) or ``BEGIN`` (readers), so DDL is transactional and a write never fails half-way on a lock. Nested writers
are a bug, not a savepoint: one commit, at the edge.

**D-44 After an I/O error or damage nothing more is written.** The store latches until it is opened again: repeating a
failed sync may report success for pages the kernel already dropped.
"""
