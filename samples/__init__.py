"""A world to measure: a forward model of panel, screen, lamp, lens and sensor with exact truth."""
