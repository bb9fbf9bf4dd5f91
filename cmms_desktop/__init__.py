"""The field technician's desktop application: works without a network, synchronises when there is one.

Deliberately empty: importing any module of the desktop must not load Qt, a database driver or a key store.
"""
