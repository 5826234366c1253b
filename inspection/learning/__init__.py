"""From panels that a person accepted to the recipe that asks for more like them. Pure: reports in, text out."""
