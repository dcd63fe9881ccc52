"""`orchestrate library`: what there is, what it does, and bringing it from place to place."""
