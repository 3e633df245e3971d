"""Which videos may be linked: those of a short list of hosts, told by provider and id, never by an address as typed."""

import dataclasses
import re
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.db import models

ADDRESS_MAX_LENGTH = 500


class VideoProvider(models.TextChoices):
    """Who shows a video."""

    YOUTUBE = "youtube", "YouTube"
    VIMEO = "vimeo", "Vimeo"


class VideoAddressError(Exception):
    """This is not the address of a video that can be linked; says why, for who typed it."""


@dataclasses.dataclass(frozen=True)
class Video:
    """A video; one that Vimeo lists nowhere is found with its ``privacy_hash`` only."""

    provider: VideoProvider
    video_id: str
    privacy_hash: str = ""

    @property
    def address(self) -> str:
        """Where it is watched: YouTube's own page, or Vimeo's player, which is asked not to track."""
        if self.provider == VideoProvider.YOUTUBE:
            return f"https://www.youtube.com/watch?v={self.video_id}"
        return f"https://player.vimeo.com/video/{self.video_id}?dnt=1" + (
            f"&h={self.privacy_hash}" if self.privacy_hash else ""
        )


_ID = r"(?P<id>[A-Za-z0-9_-]{11})"
_NUMBER = r"(?P<id>[1-9][0-9]{3,11})"
_HASH = r"(?P<privacy_hash>[0-9a-f]{6,16})"
_YOUTUBE = (re.compile(rf"/(?:embed|shorts|live|v)/{_ID}/?"),)
_HOSTS: dict[str, tuple[VideoProvider, tuple[re.Pattern[str], ...]]] = {
    **dict.fromkeys(("youtube.com", "www.youtube.com", "m.youtube.com"), (VideoProvider.YOUTUBE, _YOUTUBE)),
    **dict.fromkeys(("youtube-nocookie.com", "www.youtube-nocookie.com"), (VideoProvider.YOUTUBE, _YOUTUBE)),
    "youtu.be": (VideoProvider.YOUTUBE, (re.compile(rf"/{_ID}/?"),)),
    **dict.fromkeys(
        ("vimeo.com", "www.vimeo.com"), (VideoProvider.VIMEO, (re.compile(rf"/{_NUMBER}(?:/{_HASH})?/?"),))
    ),
    "player.vimeo.com": (VideoProvider.VIMEO, (re.compile(rf"/video/{_NUMBER}/?"),)),
}


def video_at(address: str) -> Video:
    """Read the address of a video as somebody pasted it; where in the video it starts is left out.

    Raises:
        VideoAddressError: it is none, or of a host that is not on the list.
    """
    try:
        parts = urlsplit(address.strip())
        is_plain = parts.port in {None, 443} and parts.username is None and parts.password is None
    except ValueError as error:
        raise VideoAddressError("This is no address of a web page.") from error
    if parts.scheme != "https":
        raise VideoAddressError("The address of a video starts with https://.")
    if not is_plain or parts.hostname not in _HOSTS:
        raise VideoAddressError("Only videos on YouTube and Vimeo can be linked.")
    provider, paths = _HOSTS[parts.hostname]
    video = _at_path(parts, provider, paths)
    if video is None:
        raise VideoAddressError(
            f"This is {provider.label}, but not one video there. Open the video, and copy the address from “Share”."
        )
    return video


def _at_path(parts: SplitResult, provider: VideoProvider, paths: tuple[re.Pattern[str], ...]) -> Video | None:
    asked = parse_qs(parts.query, max_num_fields=20) if parts.query.count("&") < 20 else {}
    if provider == VideoProvider.YOUTUBE and parts.path in {"/watch", "/watch/"}:
        wanted = asked.get("v", [""])[0]
        return Video(provider, wanted) if re.fullmatch(_ID, wanted) else None
    found = next((match for path in paths if (match := path.fullmatch(parts.path))), None)
    if found is None:
        return None
    privacy_hash = found.groupdict().get("privacy_hash") or asked.get("h", [""])[0]
    if provider == VideoProvider.YOUTUBE or not re.fullmatch(_HASH, privacy_hash):
        privacy_hash = ""
    return Video(provider, found["id"], privacy_hash)
