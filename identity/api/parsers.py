"""Configuration over REST comes as YAML too."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from identity import documents

SOURCE = "the body"


class YAML(BaseParser):
    """A YAML text of several documents, read into configuration documents."""

    media_type = "application/yaml"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The documents; raises for what is no UTF-8 or no YAML."""
        try:
            text = stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError("The body is no UTF-8 text.") from error
        return documents.from_yaml(text, source=SOURCE)
