"""Whether a window can be opened here at all. Asked before Qt is loaded, which would end the process instead."""

import sys
from collections.abc import Mapping


def has_display(environment: Mapping[str, str], *, platform: str = sys.platform) -> bool:
    """Tell whether a window can appear: on Linux a display is named, or Qt was told where to draw.

    Windows and macOS always have one.
    """
    if not platform.startswith("linux"):
        return True
    return any(environment.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))
