"""Ways to use a page: with a mouse, with the keyboard alone, with a finger. A journey is written once, for all of them.

Each counts what it did: one for every control that was pressed and every field that was filled.
"""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

TABS_MAX = 150
"""How often Tab is pressed for one control before it counts as out of reach."""

TARGET_PX, MAIN_TARGET_PX = 24, 44
"""WCAG 2.2, target size: minimum (2.5.8), and enhanced (2.5.5) for what a page is there for."""

SEEN_FOCUS = """element => {
    const look = () => {
        const style = getComputedStyle(element);
        const outline = style.outlineStyle === "none" ? "none" : style.outlineWidth + style.outlineColor;
        return [outline, style.boxShadow, style.borderColor].join(" | ");
    };
    const focused = look();
    element.blur();
    const blurred = look();
    element.focus();
    return focused !== blurred;
}"""
ON_TOP = """element => {
    const box = element.getBoundingClientRect();
    const across = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
    const down = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
    const top = document.elementFromPoint(across, down);
    return element === top || element.contains(top) || (top !== null && top.contains(element));
}"""
IS_FOCUSED = "element => element === document.activeElement"
IS_BEFORE_FOCUS = """element => {
    const here = document.activeElement;
    return here !== document.body && (here.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
}"""
FOCUSED = """() => {
    const element = document.activeElement;
    return element.tagName.toLowerCase() + " “" + element.textContent.trim().slice(0, 60) + "”";
}"""
SMALL_TARGETS = """least => [...document.querySelectorAll("a, button, input, select, textarea, summary")].flatMap(
  element => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const isInText = style.display === "inline";  // WCAG excepts a link in a sentence
    const isHidden = !element.checkVisibility() || box.width <= 1 || box.height <= 1 || box.bottom <= 0;
    if (isHidden || isInText || element.closest("label") || (box.width >= least && box.height >= least)) return [];
    return [`${element.textContent.trim()} ${box.width}×${box.height}`];
  }
)"""


class Mouse:
    """Clicks and types. The base of the others."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions: list[str] = []

    def press(self, target: Locator, *, is_main: bool = False) -> None:
        """Use a control; ``is_main`` if it is what the page is there for."""
        self._count("press", target)
        self._press(target, is_main=is_main)

    def fill(self, field: Locator, text: str, *, typed: str = "") -> None:
        """Fill a field. ``typed`` is what the keyboard types, where that differs."""
        self._count("fill", field)
        self._fill(field, text, typed=typed or text)

    def search(self, field: Locator, text: str) -> None:
        """Look for something; the page answers while one types."""
        self.fill(field, text)

    def look(self) -> None:
        """Judge the page as a whole, wherever a journey arrives."""

    def _count(self, what: str, target: Locator) -> None:
        expect(target).to_have_count(1)
        self.actions.append(f"{what} {target}")

    def _press(self, target: Locator, *, is_main: bool) -> None:
        target.click()

    def _fill(self, field: Locator, text: str, *, typed: str) -> None:
        field.fill(text)


class WithoutJavaScript(Mouse):
    """Clicks and types; a search has to be sent."""

    def search(self, field: Locator, text: str) -> None:
        """Look for something, with the button that is only there without JavaScript."""
        self.fill(field, text)
        form = self.page.get_by_role("search").filter(has=field)
        self.press(form.get_by_role("button", name="Search", exact=True))


class Keyboard(Mouse):
    """Tab, Shift+Tab, Enter, Space and typing. Nothing is clicked, and nothing focused by other means."""

    def _press(self, target: Locator, *, is_main: bool) -> None:
        self._go_to(target)
        self.page.keyboard.press("Enter")

    def press_keys(self, target: Locator, keys: list[str]) -> None:
        """Go to one of several choices, and from there to another by the arrows: one interaction."""
        self._count("keys", target)
        self._go_to(target)
        for key in keys:
            self.page.keyboard.press(key)

    def _fill(self, field: Locator, text: str, *, typed: str) -> None:
        self._go_to(field)
        self.page.keyboard.type(typed)

    def _go_to(self, target: Locator) -> None:
        """Tab to a control, the shorter way round, and see that the eye can follow."""
        expect(target).to_be_visible()
        key = "Shift+Tab" if target.evaluate(IS_BEFORE_FOCUS) else "Tab"
        for _ in range(TABS_MAX):
            if target.evaluate(IS_FOCUSED):
                break
            self.page.keyboard.press(key)
        assert target.evaluate(IS_FOCUSED), f"{target} is not reached; the keyboard is at {self.page.evaluate(FOCUSED)}"
        assert target.evaluate(ON_TOP), f"{target} has the focus and is covered by something"
        assert target.evaluate(SEEN_FOCUS), f"{target} does not show that it has the focus"


class Finger(Mouse):
    """Taps and types on a phone: nothing scrolls sideways, and whatever is tapped is large enough."""

    def look(self) -> None:
        """The page fits the phone's width, and no target on it is too small."""
        widths: dict[str, Any] = self.page.evaluate(
            "() => ({page: document.documentElement.scrollWidth, phone: innerWidth})"
        )
        assert widths["page"] <= widths["phone"], f"{self.page.url} scrolls sideways: {widths}"
        assert self.page.evaluate(SMALL_TARGETS, TARGET_PX) == [], self.page.url

    def _press(self, target: Locator, *, is_main: bool) -> None:
        box = target.bounding_box()
        assert box is not None
        least = MAIN_TARGET_PX if is_main else TARGET_PX
        assert min(box["width"], box["height"]) >= least, f"{target} is too small: {box}"
        target.tap()


def word(text: str) -> re.Pattern[str]:
    """An accessible name that begins with this, whatever number follows."""
    return re.compile(rf"^{re.escape(text)}\b")
