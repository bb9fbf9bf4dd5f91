"""Makes what an administrator installs: program folder, .deb, .rpm, portable archive, and what proves each of them."""
