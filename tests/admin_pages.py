"""Django's admin as a browser uses it: open a form, change some of it, send all of it."""

from typing import Any

from django import forms
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from stretches.admin.forms import WHY

Data = dict[str, Any]


def admin_url(model: type[Model], page: str, *args: object) -> str:
    """The address of an admin page: ``changelist``, ``add``, ``change``, ``delete``, ``history``."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_of(response: Any) -> Data:
    """Everything that a browser would send back unchanged, lines ended with CR LF."""
    data = _fields(response.context["adminform"].form)
    if WHY in response.context["adminform"].form.fields:
        data.setdefault(WHY, "Because.")
    for inline in response.context.get("inline_admin_formsets", ()):
        data |= _fields(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _fields(form)
    return data


def _fields(form: forms.BaseForm) -> Data:
    data: Data = {}
    for field in form:
        value = field.value()
        if isinstance(value, list | tuple):
            data[field.html_name] = [str(getattr(each, "pk", each)) for each in value]
        elif value is not None and value is not False:
            data[field.html_name] = "on" if value is True else str(value).replace("\n", "\r\n")
    return data


def send(client: Client, url: str, **changes: Any) -> Any:
    """Open a form, change some fields (None: leave it out) and send it."""
    data = form_of(client.get(url)) | changes
    return client.post(url, {name: value for name, value in data.items() if value is not None})


def confirm(client: Client, question: Any, why: str = "It did harm.") -> Any:
    """Answer the question whom a change concerns: send what it holds in its hidden fields, and the reason."""
    data: dict[str, list[str]] = {}
    for name, value in question.context["sent"]:
        data.setdefault(name, []).append(value)
    data[question.context["seen"]] = [question.context["mark"]]
    data[question.context["why"]] = [why]
    return client.post(question.wsgi_request.get_full_path(), data)


def errors_of(response: Any) -> dict[str, list[str]]:
    """What is said beside which field; under ``""`` what is said of the whole, and of rows below with their names."""
    assert response.status_code in {200, 409}
    form = response.context["adminform"].form
    found = {
        name if name != "__all__" else "": [str(error) for error in errors] for name, errors in form.errors.items()
    }
    for inline in response.context["inline_admin_formsets"]:
        if inline.formset.non_form_errors():
            found[inline.formset.prefix] = [str(error) for error in inline.formset.non_form_errors()]
        for row in inline.formset.forms:
            found |= {row.add_prefix(name): [str(error) for error in errors] for name, errors in row.errors.items()}
    return found
