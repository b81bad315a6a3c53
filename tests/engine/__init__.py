"""Tests of the engine: no server, no wire."""
