"""Text processing for Chinese and English: characters, words, sentences. Nothing here is specific to parks."""
