"""rigs."""
