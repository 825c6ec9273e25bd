"""From a ranking to an answer: quotes, or a refusal, and what can be asked next."""
