"""What Piccolo looks for by name: our app, and the engine bound for this process."""

from piccolo.conf.apps import AppRegistry

from panel import db

APP_REGISTRY = AppRegistry(apps=["panel.piccolo_app"])


def __getattr__(name: str) -> db.Engine:
    """Answer `DB` late, because the engine is chosen when the process starts."""
    if name == "DB":
        return db.engine()
    raise AttributeError(name)
