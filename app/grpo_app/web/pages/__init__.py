"""The pages: which panels each shows, in order."""
