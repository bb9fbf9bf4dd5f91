"""Loads the plugins that every test relies on."""

pytest_plugins = ["tests.support.postgres", "tests.support.fleet_fixtures", "tests.support.unexpected_logs"]
