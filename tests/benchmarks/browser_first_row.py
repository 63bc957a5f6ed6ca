# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a reader waits for the VM table of the HTML report, measured in a real browser.

Usage: browser_first_row.py REPORT.html
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.tools.browser import find_browser

FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
FILTER = "#verdict=ready_with_work&provisional=1"
DEADLINE_MILLISECONDS = 60_000
FIRST_ROW = """deadline => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("no row was shown in time")), deadline);
  const found = list => list.getEntriesByName("readiness:first-row").forEach(mark => resolve(mark.startTime));
  new PerformanceObserver(found).observe({type: "mark", buffered: true});
})"""


def measure_first_filtered_row(html_path: str | Path, filters: str = FILTER) -> float:
    """Seconds from the start of the navigation to the first filtered row on screen.

    The page is opened with filters in its address, in a browser that runs already and has never seen it; the page itself
    marks the moment, two animation frames after the rows were put in. Raises FileNotFoundError without
    a browser, and playwright's own error when no row comes.
    """
    browser_path = find_browser()
    if browser_path is None:
        raise FileNotFoundError("no Chromium in PATH, and READINESS_CHROMIUM is not set")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto("about:blank")
            page.goto(Path(html_path).resolve().as_uri() + filters, wait_until="commit")
            milliseconds: float = page.evaluate(FIRST_ROW, DEADLINE_MILLISECONDS)
            return milliseconds / 1000
        finally:
            browser.close()


if __name__ == "__main__":
    print(f"{measure_first_filtered_row(sys.argv[1]):.3f} s")
