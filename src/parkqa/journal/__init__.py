"""The question journal: recording with personal data masked, reading, reporting, and review by staff."""
