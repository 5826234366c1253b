"""Maps: what the frames say about every pixel. One file makes one kind of map."""
