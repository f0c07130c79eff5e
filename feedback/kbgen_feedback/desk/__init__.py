"""The editors' desk: pages behind a login that list flags with their evidence."""
