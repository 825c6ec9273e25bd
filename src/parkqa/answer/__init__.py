"""Turns a ranking into an answer: quotations or a refusal, small talk, and suggested questions."""
