"""The forms by which a photo is uploaded and a video is linked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection

from stretches import photos
from stretches.admin.forms import CatalogueForm
from stretches.models import Stretch, StretchPhoto, StretchVideo
from stretches.videos import ADDRESS_MAX_LENGTH, VideoAddressError, video_at

WIDE = "vLargeTextField"
PHOTO_KINDS = "image/jpeg,image/png,image/webp"


class OneOfAStretchForm(CatalogueForm):
    """Something of which a stretch has at most one."""

    def clean(self) -> dict[str, Any]:
        """Lock the stretch: of two who add at once, the second is told that the first did."""
        cleaned = super().clean()
        stretch = cleaned.get("stretch")
        if stretch and connection.in_atomic_block:
            list(Stretch.objects.select_for_update(no_key=True).filter(pk=stretch.pk).values_list("pk"))
        return cleaned


class StretchPhotoForm(OneOfAStretchForm):
    """A photo: the file is made anew while it is checked, and written once everything else is right."""

    file = forms.FileField(
        label="Photo",
        widget=forms.FileInput(attrs={"accept": PHOTO_KINDS, "data-bytes-max": photos.BYTES_MAX}),
        help_text="JPEG, PNG or WebP, at most 10 MB and 25 megapixels. What the camera noted, such as where it was,"
        " is left out. Show a face only with that person's consent.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.replaced_key = ""
        if not self.instance._state.adding:
            self.fields["file"].required = False
            self.fields["file"].label = "Another photo instead"

    def clean_file(self) -> photos.Photo | None:
        """Make the photo of the file."""
        file = self.cleaned_data.get("file")
        if file is None:
            return None
        try:
            return photos.make_photo(file)
        except photos.PhotoError as error:
            raise ValidationError(str(error)) from error

    def _post_clean(self) -> None:
        """Write the photo's files, now that nothing else keeps it from being stored."""
        super()._post_clean()  # type: ignore[misc]
        photo = self.cleaned_data.get("file")
        if photo is None:
            return
        if self.errors:
            self.add_error("file", "The photo is fine, but browsers send no file twice: choose it again.")
            return
        try:
            key = photos.write(photo)
        except OSError:
            self.add_error("file", "The photo could not be stored just now; nothing was changed. Try again later.")
            return
        self.replaced_key, self.instance.key = self.instance.key, key
        self.instance.width, self.instance.height = photo.width, photo.height

    class Meta:
        model = StretchPhoto
        fields = ("stretch", "alt")
        widgets = {"alt": forms.TextInput(attrs={"class": WIDE})}


class StretchVideoForm(OneOfAStretchForm):
    """A video, by its address."""

    address = forms.CharField(
        max_length=ADDRESS_MAX_LENGTH,
        widget=forms.TextInput(attrs={"class": WIDE, "inputmode": "url"}),
        help_text="On YouTube or Vimeo, such as https://youtu.be/… or https://vimeo.com/… It is shown there, not here: "
        "nothing is loaded from there before somebody opens it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial.setdefault("address", self.instance.address)

    def clean_address(self) -> str:
        """Take provider and id from the address."""
        address = str(self.cleaned_data["address"])
        try:
            video = video_at(address)
        except VideoAddressError as error:
            raise ValidationError(str(error)) from error
        self.instance.provider, self.instance.video_id = video.provider, video.video_id
        self.instance.privacy_hash = video.privacy_hash
        return address

    class Meta:
        model = StretchVideo
        fields = ("stretch",)
