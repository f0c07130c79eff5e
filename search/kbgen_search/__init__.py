"""Knowledge base search: one analysis, two indexes, one ranking."""
