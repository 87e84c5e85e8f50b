"""Chapters of a recording: where its parts begin, and what they are called.

They belong to the recording, as captions do: the seconds of one film are not those of another.
"""
