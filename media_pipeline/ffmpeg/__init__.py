"""Media processes: the only place that starts one, and the thinking about them.

Nothing here imports Django or touches a database: callers pass paths and callbacks in and get
plain dataclasses and exceptions back. `transcode.transcode` and `probe.probe` are the entries.
"""
