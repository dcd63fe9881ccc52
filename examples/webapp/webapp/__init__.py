"""A web application on one machine: its processes, its proxy, and what operates them."""
