"""Files of whatever kind: what one is, where one may be written, and writing it whole or not at all."""
