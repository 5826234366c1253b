"""Gates: is the capture a measurement at all? One file holds one gate."""
