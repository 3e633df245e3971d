"""What a page has to tell the script of passkeys."""

from django import template

from accounts import passkeys

register = template.Library()


@register.simple_tag
def passkey_host() -> str:
    """For which host passkeys are; on a page of another, a browser would refuse them."""
    return passkeys.host()
