"""The desk in the browser: pages for the park's office."""
