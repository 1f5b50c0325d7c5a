"""A whole federation on this machine, for trying, testing and measuring."""
