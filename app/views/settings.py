"""Settings: who works here and how they sign in, the keys of programs and websites, and one's own account."""

from __future__ import annotations

import streamlit as st

from app import session
from app.components import page_title
from app.settings_audit import show_audit
from app.settings_brand import show_brand
from app.settings_keys import show_keys
from app.settings_members import show_members
from app.settings_messages import show_messages
from app.settings_pipelines import show_pipelines
from app.settings_security import show_security
from app.settings_sign_on import show_sign_on
from app.settings_survivorship import show_survivorship
from app.settings_webhooks import show_webhooks
from app.shared_learning import show_shared_learning
from domain.permissions import Permission

visit = session.current()
parts = {
    "Members": (visit.may(Permission.MEMBERS_READ), show_members),
    "API keys": (visit.may(Permission.KEYS_WRITE), show_keys),
    "Pipelines": (visit.may(Permission.SETTINGS_WRITE), show_pipelines),
    "Webhooks": (visit.may(Permission.SETTINGS_WRITE), show_webhooks),
    "Messages": (visit.may(Permission.SEQUENCES_READ), show_messages),
    "Brand": (visit.may(Permission.SETTINGS_READ), show_brand),
    "Merging": (visit.may(Permission.SETTINGS_READ), show_survivorship),
    "Shared learning": (visit.may(Permission.MODELS_READ), show_shared_learning),
    "Single sign-on": (visit.may(Permission.SIGN_ON_WRITE), show_sign_on),
    "Audit log": (visit.may(Permission.AUDIT_READ), show_audit),
    "Security": (visit.me["user_id"] is not None, show_security),
}
open_to_them = [name for name, (may, _) in parts.items() if may]

page_title("Settings", "Who works here, what programs may do, and how you sign in.")
chosen = st.segmented_control(
    "Part", open_to_them, default=open_to_them[0], required=True, key="settings_part", label_visibility="collapsed"
)
parts[chosen or open_to_them[0]][1](visit)
