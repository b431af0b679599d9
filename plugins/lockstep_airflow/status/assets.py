"""Style and scripts: files of this package, given to logged-in users only."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

router = APIRouter(prefix="/static")

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: only these can be asked for, whatever a path may hold
FILES = {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}


@router.get("/{name}")
def static(name: str) -> FileResponse:
    """Asked for again at every view (ETag), so that an upgrade shows at once."""
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(
        FILES[name], media_type=TYPES[FILES[name].suffix], headers={"Cache-Control": "no-cache, private"}
    )
