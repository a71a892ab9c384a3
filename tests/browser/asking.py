"""Asks in the page as a person does."""

from playwright.sync_api import Page, expect

ANSWERED = 60_000


def ask(page: Page, question: str) -> None:
    """Ask with Enter and wait until the answer is complete."""
    asked = page.locator(".user-row").count()
    page.fill("#message textarea", question)
    page.press("#message textarea", "Enter")
    expect(page.locator(".user-row")).to_have_count(asked + 1, timeout=ANSWERED)
    expect(page.locator("#send")).to_be_visible(timeout=ANSWERED)
