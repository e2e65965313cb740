"""The commands of `sensor-hub`, one module a noun."""
