"""What runs beside the requests: the engine, the queue, rebuilding, and what the terminal says."""
