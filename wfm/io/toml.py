"""Reading `wfm.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from wfm.config import Config, build_config
from wfm.errors import ConfigError, Fault


def load_config(path: Path) -> Config:
    """Return the configuration at `path`; ConfigError when it is missing, not TOML or wrong."""
    text, document = _read(path)
    return build_config(document, source=str(path), text=text)


def read_document(path: Path) -> dict[str, Any]:
    """Return the keys at `path` as they stand, unchecked; ConfigError when it is missing or not TOML."""
    return _read(path)[1]


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "name another with --config, or make one with `wfm init`"
        raise ConfigError([Fault(f"cannot be read: {reason}")], source=str(path), hint=hint) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            [Fault(f"not TOML: {error}")], source=str(path), hint="correct that line"
        ) from error
    return text, document
