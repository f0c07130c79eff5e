"""The feedback loop: events from readers become flags for editors."""
