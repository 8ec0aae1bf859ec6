"""`python -m wfm`."""

from __future__ import annotations

from wfm.cli import main

if __name__ == "__main__":
    main()
