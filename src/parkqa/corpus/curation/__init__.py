"""What staff curate in the corpus folder besides documents: park.yaml, glossary.yaml and faq.yaml."""
