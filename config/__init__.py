"""Settings, URLs and processes: the only place that knows every app."""
