"""Characters, words and sentences of Chinese and English; nothing here knows of parks."""
