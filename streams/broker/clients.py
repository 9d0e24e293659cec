"""How every client reaches the broker: addresses, TLS and SASL of the settings, in each library's own words."""

from __future__ import annotations

import ssl
from typing import Any

import faust
from aiokafka.helpers import create_ssl_context

from streams.settings import SettingFault, Settings


def kafka_python(settings: Settings) -> dict[str, Any]:
    """Arguments of every kafka-python client."""
    return {
        "bootstrap_servers": settings.brokers.split(","),
        "client_id": settings.application,
        **_security(settings),
        **({"ssl_cafile": settings.ssl_cafile} if settings.ssl_cafile else {}),
    }


def aiokafka(settings: Settings) -> dict[str, Any]:
    """Arguments of every aiokafka client."""
    context = _context(settings)
    return {
        "bootstrap_servers": settings.brokers,
        "client_id": settings.application,
        **_security(settings),
        **({"ssl_context": context} if context is not None else {}),
    }


def faust_credentials(settings: Settings) -> faust.auth.Credentials | None:
    """Faust's credentials; None on a plain connection."""
    context = _context(settings)
    if settings.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=settings.sasl_mechanism or "PLAIN",
            username=settings.sasl_username,
            password=settings.sasl_password,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None


def _security(settings: Settings) -> dict[str, Any]:
    if settings.security_protocol.startswith("SASL") and not (settings.sasl_username and settings.sasl_password):
        raise SettingFault(
            f"security_protocol {settings.security_protocol} needs sasl_username and sasl_password: "
            "set HAZFLOW_SASL_USERNAME and HAZFLOW_SASL_PASSWORD"
        )
    sasl = {
        "sasl_mechanism": settings.sasl_mechanism or "PLAIN",
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": settings.sasl_password,
    }
    return {
        "security_protocol": settings.security_protocol,
        **(sasl if settings.security_protocol.startswith("SASL") else {}),
    }


def _context(settings: Settings) -> ssl.SSLContext | None:
    if not settings.security_protocol.endswith("SSL"):
        return None
    context: ssl.SSLContext = create_ssl_context(cafile=settings.ssl_cafile)
    return context
