"""Durations as people read them. Apart from their parser: every `run` loads this."""


def spelled_duration(seconds: float) -> str:
    """A duration for people: `0.2 s`, `12 s`, `3 m 05 s`, `2 h 07 m`, `3 d 4 h`."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} m"
    return f"{hours // 24} d {hours % 24} h"
