"""A worker: its activities, the processes that it watches over, and what it keeps of them."""
