"""Server infrastructure: engine loading and reloading, builds, question queue, network addresses, terminal banner."""
