"""Write the golden files anew: what clients see. The diff is reviewed like code."""

from pathlib import Path

from exam_api.app import openapi_document

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"


def main() -> None:
    """Write tests/golden/openapi.json."""
    (GOLDEN / "openapi.json").write_bytes(openapi_document() + b"\n")


if __name__ == "__main__":
    main()
