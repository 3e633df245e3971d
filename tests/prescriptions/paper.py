"""What a reader finds on a page or in a PDF: its words, without markup."""

import html
import io
import re

from pypdf import PdfReader


def pdf_text(content):
    """The text of every page, with one space between words."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def page_text(content, inside="main"):
    """The text inside the first element of a kind, with one space between words."""
    found = re.search(rf"<{inside}\b.*</{inside}>", content.decode(), re.DOTALL)
    assert found, f"no <{inside}>"
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found.group())).split())


def words(text):
    return set(re.findall(r"\w+", text))
