import pytest

from stretches.videos import VideoAddressError, video_at

WATCH = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
PLAYER = "https://player.vimeo.com/video/76979871?dnt=1"


@pytest.mark.parametrize(
    ("pasted", "watched_at"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", WATCH),
        ("  https://m.youtube.com/watch?t=5&v=dQw4w9WgXcQ&list=PL1#x \n", WATCH),
        ("https://YOUTUBE.com/watch/?v=dQw4w9WgXcQ", WATCH),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", WATCH),
        ("https://www.youtube.com/embed/dQw4w9WgXcQ", WATCH),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", WATCH),
        ("https://www.youtube.com:443/live/dQw4w9WgXcQ/", WATCH),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0", WATCH),
        ("https://vimeo.com/76979871", PLAYER),
        ("https://www.vimeo.com/76979871/", PLAYER),
        ("https://player.vimeo.com/video/76979871", PLAYER),
        ("https://vimeo.com/76979871/8272103f6e", f"{PLAYER}&h=8272103f6e"),
        ("https://player.vimeo.com/video/76979871?h=8272103f6e&title=0", f"{PLAYER}&h=8272103f6e"),
        ("https://player.vimeo.com/video/76979871?h=%22%3E%3Cscript", PLAYER),
    ],
)
def test_a_video_is_told_by_provider_and_id(pasted: str, watched_at: str) -> None:
    assert video_at(pasted).address == watched_at


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "starts with https://"),
        ("dQw4w9WgXcQ", "starts with https://"),
        ("http://www.youtube.com/watch?v=dQw4w9WgXcQ", "starts with https://"),
        ("javascript:alert(1)//https://youtu.be/dQw4w9WgXcQ", "starts with https://"),
        ("//youtu.be/dQw4w9WgXcQ", "starts with https://"),
        ("https://[::1", "no address"),
        ("https://youtu.be:99999/dQw4w9WgXcQ", "no address"),
        ("https://example.org/watch?v=dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://youtube.com.example.org/watch?v=dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://youtube.com@example.org/watch?v=dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://somebody@youtu.be/dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://youtu.be:8443/dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://youtu.be\\@example.org/dQw4w9WgXcQ", "Only videos on YouTube and Vimeo"),
        ("https://www.youtube.com/", "not one video"),
        ("https://www.youtube.com/@somebody", "not one video"),
        ("https://www.youtube.com/playlist?list=PL1", "not one video"),
        ("https://www.youtube.com/watch?v=short", "not one video"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ%22", "not one video"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ%0A", "not one video"),
        ("https://www.youtube.com/redirect?q=https://youtu.be/dQw4w9WgXcQ", "not one video"),
        ("https://www.youtube.com/watch?" + "v=dQw4w9WgXcQ&" * 30, "not one video"),
        ("https://youtu.be/dQw4w9WgXcQ/../x", "not one video"),
        ("https://vimeo.com/somebody", "not one video"),
        ("https://vimeo.com/76979871/not-a-hash", "not one video"),
    ],
)
def test_any_other_address_is_refused_with_the_reason(pasted: str, words: str) -> None:
    with pytest.raises(VideoAddressError, match=words):
        video_at(pasted)
