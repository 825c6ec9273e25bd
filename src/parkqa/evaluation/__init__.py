"""Evaluation of answers on question sets."""
