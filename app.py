"""The Faust application: ``faust -A app worker`` starts here. Settings, policies and models in; lanes at work."""

from __future__ import annotations

import os
from pathlib import Path

from streams.assembly import Assembly, assemble
from streams.broker.worker import make_app
from streams.model_files import SHIPPED, model_loader
from streams.settings import read_settings

settings = read_settings(os.environ)


def assembled() -> Assembly:
    """The pure parts, by the policies and models of the settings."""
    return assemble(Path(settings.policies), model_loader((Path(settings.home) / "models", SHIPPED)))


app = make_app(settings, assembled, Path(settings.home) / "faust")
