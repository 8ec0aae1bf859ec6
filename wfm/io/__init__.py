"""The only place that opens files: tables in and out, configuration, exports of other systems."""
