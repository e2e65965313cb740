"""What `sensor-hub check` looks at, each finding with a hint."""
