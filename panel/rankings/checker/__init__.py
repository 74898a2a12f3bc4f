"""The checker of published rankings, shipped with every release: one file, nothing but Python."""
