"""From a parsed TOML document to the configuration: defaults filled in, then every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from wfm.config.document import Config
from wfm.config.faults import fault_of, unresolved_names
from wfm.errors import ConfigError


def build_config(document: Mapping[str, Any], *, source: str = "wfm.toml", text: str = "") -> Config:
    """Return the configuration of a parsed TOML document; raise ConfigError with every fault.

    `text` is the document's source, used to name the line of a fault.
    """
    filled = _with_defaults(document)
    try:
        config = Config.model_validate(filled)
    except ValidationError as error:
        faults = [fault_of(detail, text) for detail in error.errors()]
        raise ConfigError(faults, source=source, hint="docs/configuration.md lists every key") from error
    faults = list(unresolved_names(config))
    if faults:
        raise ConfigError(faults, source=source)
    return config


def _with_defaults(document: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the file may leave out: [defaults.queue], the centre's zone, the only site."""
    filled = {key: value for key, value in document.items() if key != "defaults"}
    centre = filled.get("centre", {})
    timezone = centre.get("timezone", "UTC") if isinstance(centre, dict) else "UTC"
    defaults = document.get("defaults", {})
    unknown = sorted(set(defaults) - {"queue"}) if isinstance(defaults, dict) else ["defaults"]
    if unknown:
        filled[f"defaults.{unknown[0]}"] = defaults  # refused below as an unknown key
    of_queues = defaults.get("queue") if isinstance(defaults, dict) else None
    queue = {"timezone": timezone, **(of_queues if isinstance(of_queues, dict) else {})}
    queues = filled.get("queues", {})
    if isinstance(queues, dict):
        filled["queues"] = {
            name: {**queue, **own} if isinstance(own, dict) else own for name, own in queues.items()
        }
    sites = filled.get("sites", {})
    if isinstance(sites, dict):
        sites = sites or {centre.get("name", "centre") if isinstance(centre, dict) else "centre": {}}
        filled["sites"] = {
            name: {"timezone": timezone, **own} if isinstance(own, dict) else own
            for name, own in sites.items()
        }
    return filled
