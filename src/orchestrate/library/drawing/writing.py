"""A drawing as text, in the format that somebody asks for."""

from orchestrate.library.drawing.figure import Group


def written(form: str, title: str, groups: tuple[Group, ...]) -> str:
    """`form`: mermaid, dot, svg; otherwise lines for a terminal, without colours."""
    match form:
        case "mermaid":
            from orchestrate.library.drawing.mermaid import mermaid

            return mermaid(title, groups)
        case "dot":
            from orchestrate.library.drawing.dot import dot

            return dot(title, groups)
        case "svg":
            from orchestrate.library.drawing.svg import svg

            return svg(title, groups)
        case _:
            from orchestrate.library.drawing.lines import UNICODE, rows

            lines = (f"{row.rail}{row.name}  {row.call}".rstrip() for row in rows(groups, UNICODE))
            return "\n".join((title, *lines)) + "\n"
