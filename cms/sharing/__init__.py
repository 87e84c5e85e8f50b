"""The library for others: the read-only JSON API and the player for units' own sites.

Both show what `visible_to` shows. Whoever is not signed in sees what a curator opened to the
public (`cms.decisions`), and nothing otherwise. docs/api.md is the page for whoever uses them.
"""
