"""The web page: one FastAPI app with JSON routes, one live stream a tab, and Gradio mounted on it."""
