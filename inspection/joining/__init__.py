"""The views of a part that is larger than the field, joined to one report and one set of maps."""

from inspection.joining.part import Part

__all__ = ["Part"]
