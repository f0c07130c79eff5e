"""Measurements of the feedback loop: the detector on simulated readers, the collector."""
