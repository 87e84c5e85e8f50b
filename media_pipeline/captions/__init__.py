"""Captions: a file of any player in, our own WebVTT out.

`cues` and `reading` are pure. Who may bring captions is decided above and passed in.
"""
