"""From the corpus to what a store is built of."""
