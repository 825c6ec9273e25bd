"""The desk: what a park's office does in the browser, without HTML."""
