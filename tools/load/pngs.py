"""The pictures of a report as PNG, for pages that show no SVG; left out where there is no browser."""

import contextlib
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import Error, sync_playwright

from loadtest.pictures import HEIGHT, WIDTH

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names of the browser that systems bring; without one, Playwright's own."""

SCALE: Final = 2
"""Dots of a point."""


def write_pngs(folder: Path) -> None:
    """One beside each SVG, and the whole page."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    with contextlib.suppress(Error), sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        for svg in sorted(folder.glob("*.svg")):
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{svg.read_text('utf-8')}")
            page.screenshot(path=svg.with_suffix(".png"))
        page.set_viewport_size({"width": 1000, "height": 1200})
        page.goto((folder / "report.html").as_uri())
        page.screenshot(path=folder / "report.png", full_page=True)
        browser.close()
