"""Other search engines behind one interface: index documents, then rank them for a query."""
