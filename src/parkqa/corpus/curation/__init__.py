"""What staff write beside the documents: park.yaml, glossary.yaml and faq.yaml."""
