"""What many answers are made of."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
Moment = Annotated[
    str, Field(description="RFC 3339, in UTC.", json_schema_extra={"format": "date-time"})
]
Seconds = Annotated[float, Field(description="Seconds.")]
Counts = dict[str, int]
Values = dict[str, Any]


class Answer(BaseModel):
    """Fields may be added."""

    model_config = ConfigDict(extra="allow")


class Page(Answer, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None


class PlaceInFile(Answer):
    """A place in a file."""

    file: str
    line: int
    column: int


class Problem(Answer):
    """An error, after RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    place: PlaceInFile | None
