"""`orchestrate audit`: who did what, whether that is all still there, and taking it elsewhere."""
