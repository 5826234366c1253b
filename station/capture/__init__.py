"""Capture: a recipe and a rig make shots, and camera, screen and lamps take them."""
