"""Where is this device? One interface over recorded, network and serial receivers; see ../README.md."""
