"""The keys of an installation that lives as long as a measurement: they guard nothing."""

from __future__ import annotations

import base64

from pydantic import SecretStr

from domain.settings import SecuritySettings

SECURITY = SecuritySettings(keys=SecretStr("bench:" + base64.b64encode(b"0" * 32).decode()))
