"""Where this installation keeps its files."""
from flask import current_app

from integrations.storage.adapter import ObjectStorage
from integrations.storage.port import Storage
from webapp.config import config


def storage() -> Storage:
    known = current_app.extensions.get("storage")
    if known is None:
        known = current_app.extensions["storage"] = ObjectStorage.at(config().storage_url)
    return known
