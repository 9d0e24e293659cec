"""The Faust application: ``faust -A app worker`` starts here. Settings, policies and models in; lanes at work."""

from __future__ import annotations

import os
import sys

from streams.assembly import TREE, Assembly, assemble
from streams.broker.worker import make_app
from streams.model_files import SHIPPED, load_ahead, model_loader
from streams.settings import read_settings

# `faust -A app` has this folder on the path only while it imports this file; some of ours is imported later.
sys.path.append(str(TREE))

settings = read_settings(os.environ)
home = TREE / settings.home


def assembled() -> Assembly:
    """The pure parts, by the policies and models of the settings."""
    folders = (home / "models", SHIPPED)
    load_ahead(model := model_loader(folders), folders)
    return assemble(TREE / settings.policies, model)


app = make_app(settings, assembled, home / "faust")
