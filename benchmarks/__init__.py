"""Measurements of kbgen beside the tools a site would use otherwise, taken in the same run."""
