"""The parts of the pages: for each a `.py` with its static template, a `.js` that fills it in and a `.css`."""
