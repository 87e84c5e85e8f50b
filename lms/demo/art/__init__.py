"""The pictures of the demo lectures: one flat scene a lecture, composed of shapes."""
