"""How long tests wait for what has to come: processes, threads, signals. Only a test that fails waits as long."""

from __future__ import annotations

PATIENCE = 300.0
"""Seconds: far more than anything here takes, on a slow machine that does much else too."""
