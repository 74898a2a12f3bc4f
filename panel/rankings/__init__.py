"""Rankings: how units and windows compare, their notice, publication and correction."""
