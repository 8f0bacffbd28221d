"""The widgets of the terminal app; each draws plain data that the views made."""
