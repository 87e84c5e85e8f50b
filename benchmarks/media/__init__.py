"""`make bench-media`: what the media pipeline costs, against plain ffmpeg, against a recipe that
encodes each rendition by itself, and against plain nginx. Ratios of one run, on three kinds of
film; the worst of the three counts.
"""
