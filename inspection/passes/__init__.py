"""From one pass to the next: where the panel lies, what became of each mark, film, and what to do."""
