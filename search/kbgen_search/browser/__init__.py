"""What runs in the reader's browser: the search engine and the search dialog."""
