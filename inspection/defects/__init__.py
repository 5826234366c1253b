"""Single marks on the paint: found, described, classified."""
