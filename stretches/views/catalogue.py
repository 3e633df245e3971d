"""The catalogue for staff: stretches, conditions, sources."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import colleague
from accounts.replica import may_be_stale
from stretches.browsing import reasons, sources
from stretches.browsing.hierarchy import Hierarchy
from stretches.browsing.shelf import PAGE, shelf_of
from stretches.forms.filters import CatalogueFilterForm, ConditionCodeFilterForm, SourceFilterForm
from stretches.models import ConditionCode, Source, Stretch

ROWS_A_PAGE = 50


@require_safe
@may_be_stale
def stretch_list(request: HttpRequest) -> HttpResponse:
    """Find stretches by what they are called and what they are like."""
    stretches = Stretch.objects.visible_to(colleague(request))
    filters = CatalogueFilterForm(request.GET)
    shelf = shelf_of(stretches, filters)
    filters.offer_counted(shelf.facets)
    return render(request, "stretches/stretch_list.html", {"filters": filters, "shelf": shelf})


@require_safe
@may_be_stale
def stretch_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything that is known of a stretch, and where it is prescribed."""
    user = colleague(request)
    visible = Stretch.objects.visible_to(user).for_display().select_related("photo", "video")
    stretch = get_object_or_404(visible.prefetch_related("movements"), pk=pk)
    easier, harder = reasons.neighbours(stretch, user)
    context = {
        "stretch": stretch,
        "easier": easier,
        "harder": harder,
        "grades": reasons.unsafe_with(stretch, user),
        "prescribed": reasons.prescribed(stretch, user),
        "may_edit": user.is_staff and user.has_perm("stretches.change_stretch"),
    }
    return render(request, "stretches/stretch_detail.html", context)


@require_safe
@may_be_stale
def condition_code_list(request: HttpRequest) -> HttpResponse:
    """Find a condition by its name, a synonym or an ICD-10-CM code."""
    colleague(request)
    filters = ConditionCodeFilterForm(request.GET)
    codes = ConditionCode.objects.all()
    filters.offer_regions(codes)
    listed = filters.narrow(codes).prefetch_related("broader")
    page = Paginator(listed, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "stretches/condition_code_list.html", {"filters": filters, "page": page})


@require_safe
@may_be_stale
def condition_code_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a condition rules out, and why."""
    user = colleague(request)
    code = get_object_or_404(ConditionCode.objects.select_related("source"), slug=slug)
    hierarchy = Hierarchy()
    above = hierarchy.broader_ids(code)
    rules, timings = reasons.rules_about(above)
    context = {
        "code": code,
        "broader": hierarchy.directly_above(code),
        "narrower": hierarchy.directly_below(code),
        "grades": reasons.ruled_out_by(above, user),
        "rules": rules,
        "timings": timings,
        "may_edit": user.is_staff and user.has_perm("stretches.change_conditioncode"),
    }
    return render(request, "stretches/condition_code_detail.html", context)


@require_safe
@may_be_stale
def source_list(request: HttpRequest) -> HttpResponse:
    """Everything that the catalogue cites, how far it was read, and how much rests on it."""
    user = colleague(request)
    filters = SourceFilterForm(request.GET)
    page = Paginator(filters.narrow(Source.objects.order_by(Lower("citation"), "id")), ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"filters": filters, "page": page, "rows": sources.what_rests_on(list(page), user)}
    context["signed"], context["contraindications"] = sources.share_signed(user)
    return render(request, "stretches/source_list.html", context)


@require_safe
@may_be_stale
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What rests on a source."""
    user = colleague(request)
    source = get_object_or_404(Source, slug=slug)
    context = {
        "source": source,
        "resting": sources.what_rests_on([source], user)[0],
        "stretches": Stretch.objects.visible_to(user).filter(source=source)[:PAGE],
        "codes": ConditionCode.objects.filter(source=source)[:ROWS_A_PAGE],
        "about": sources.conditions_judged_by(source, user),
    }
    return render(request, "stretches/source_detail.html", context)
