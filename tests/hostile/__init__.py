"""Hostile recordings, made anew and always alike: what an attacker may upload instead of a film.

`corpus` lists them; each module of a family makes its own, from films that ffmpeg encoded and
from bytes written by hand. `bait` holds what none of them may reach, `worker` the process that
takes them through the pipeline. Nothing here is a file that was found somewhere.
"""
