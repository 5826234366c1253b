"""Measures: numbers taken from maps. One file holds one family."""
