"""Workforce management for contact centres: from call logs to a verified roster.

The chain is import, forecast, staff, schedule, verify, simulate, report. Each step is a pure function over
tables (`wfm.tables`) and a section of the configuration (`wfm.config`), and a command of `wfm` (`wfm.cli`).
Importing this package loads nothing else.
"""

__version__ = "0.1.0"
