"""Language and text size: for everybody, also before signing in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms.reading import ReadingForm
from accounts.models import User
from accounts.reading import language_of, remember, text_size_of


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def reading_edit(request: HttpRequest) -> HttpResponse:
    """Choose how to read. ``next`` leads back to the page from which the language was switched."""
    person = request.user if isinstance(request.user, User) else None
    initial = {"language": language_of(request), "text_size": text_size_of(request)}
    form = ReadingForm(request.POST or None, initial=initial)
    if not form.is_valid():
        return render(request, "accounts/reading_edit.html", {"form": form})
    language, text_size = form.cleaned_data["language"], form.cleaned_data["text_size"]
    if person:
        person.choose_reading(language=language, text_size=text_size)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        response: HttpResponse = HttpResponseRedirect(back)
    else:
        with translation.override(language or translation.get_language()):
            messages.success(request, _("Saved."))
        response = redirect("accounts:reading_edit")
    remember(response, language=language, text_size=text_size)
    return response
