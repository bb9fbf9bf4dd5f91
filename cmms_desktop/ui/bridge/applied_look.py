"""Preferences of looks, put into effect on the application's theme. Keeps nothing and draws nothing."""

from cmms_desktop.application.preferences import Preferences
from cmms_desktop.ui.theme import theme


def apply_look(preferences: Preferences) -> None:
    """Use the preferred theme and size of text; nothing happens when they are in use already."""
    if (theme().name, theme().font_setting) != (preferences.theme, preferences.font_setting):
        theme().use(name=preferences.theme, font_setting=preferences.font_setting)
