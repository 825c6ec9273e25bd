"""What was asked: recorded with personal data masked, read, reported, and turned into better answers."""
