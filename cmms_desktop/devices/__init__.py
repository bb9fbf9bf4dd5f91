"""Doors to hardware: position receivers and scanners. No window toolkit, no replica, no network service of ours."""
