"""短信 to a mobile phone."""
from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Sms(Protocol):
    def send(self, *, key: str, phone: str, text: str, at: datetime) -> str:
        """Hand a message to the gateway; the same key again sends nothing more. Returns the gateway's number.

        Raises:
            PartnerUnreachable, PartnerRefused
        """
