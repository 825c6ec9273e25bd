"""Readers: one module for each file format, with a function ``read`` that returns a ``Draft``.

``read`` takes the decoded text of a text format, or the bytes of a binary one. A reader may drop markup and what is not
shown, but never words that a person sees. ``draft`` and ``tables`` hold what the readers share.
"""
