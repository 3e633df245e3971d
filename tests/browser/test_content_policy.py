"""The content policy as a browser enforces it, on the one page that everybody can open."""

from playwright.sync_api import Page, expect


def test_the_sign_in_page_obeys_the_policy(page: Page) -> None:
    page.goto("/accounts/login/")

    expect(page.get_by_label("Email address")).to_be_visible()  # and no complaint, which would fail here as everywhere


def test_what_is_injected_into_a_page_is_refused(page: Page, complaints: list[str]) -> None:
    page.goto("/accounts/login/")

    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'taken over'";
        document.head.append(script);
    }""")

    assert "script-src" in "".join(complaints)
    assert page.title() != "taken over"
    complaints.clear()
