"""What the station shows and says over HTTP: the API and the pages."""
