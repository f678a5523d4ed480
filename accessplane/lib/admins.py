"""What every page of the admin shares: who may look, and how something is done there.

Django's own forms change nothing: objects are shown, never edited. What can be done is a `Deed`.
"""

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from functools import update_wrapper
from typing import Any, ClassVar, NoReturn

from django import forms
from django.contrib import messages
from django.contrib.admin import ListFilter, display
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.enums import ActionVariant

from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from accessplane.lib.errors import Conflict, InvalidInput, NotFound, NotPermitted
from accessplane.lib.instants import spoken
from accessplane.lib.words import Text

# What ends something is never the first thing on a page; its own page says that it does.
_LOUD = {ActionVariant.PRIMARY}
NOTHING = "-"


# --- what is shown ------------------------------------------------------------------------------


class Shown(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Objects of one kind, for people with one of the `verbs` on it, as far as `seen` shows them.

    `linked_by` are the lookups that addresses may narrow the list by beside its filters: any
    other could be used to find out a column, letter by letter.
    """

    kind: ClassVar[str]
    verbs: ClassVar[tuple[str, ...]] = ("read",)
    nouns: ClassVar[tuple[str, str] | None] = None
    deeds: tuple[Deed, ...] = ()
    openings: tuple[Deed, ...] = ()
    linked_by: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    list_filter_sheet = False
    change_form_template = "admin/plane_object.html"

    def __init__(self, model: type[Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if self.nouns is not None:  # in Meta, a word would take a migration
            model._meta.verbose_name, model._meta.verbose_name_plural = self.nouns

    @abstractmethod
    def seen(self, viewing: Viewing) -> "QuerySet[Any]":
        """The objects that the viewer sees: the selector of all other doors."""

    def title_of(self, obj: Any) -> str:
        """What people call the object."""
        return str(obj)

    def more(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What `change_form_after_template` shows besides."""
        return {}

    # who may look

    def may(self, viewing: Viewing) -> bool:
        """Whether the rights let anybody look at this kind of objects."""
        return any(viewing.subject.may(verb, self.kind) for verb in self.verbs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(viewing_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        found = self.seen(viewing_of(request))
        ordering = self.get_ordering(request)
        return found.order_by(*ordering) if ordering else found

    def lookup_allowed(
        self, lookup: str, value: Any, request: HttpRequest | None = None
    ) -> bool:
        """Only what the page itself offers, and links to it."""
        return lookup in self.linked_by or lookup in self._offered_lookups()

    def _offered_lookups(self) -> set[str]:
        found = set[str]()
        for one in self.list_filter:
            if isinstance(one, type) and issubclass(one, ListFilter):
                found.add(one.parameter_name)  # type: ignore[attr-defined]
                continue
            field = one if isinstance(one, str) else one[0]
            found |= {field, *(f"{field}__{how}" for how in ("exact", "gte", "lt", "isnull"))}
        return found

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Objects are found by their id."""
        return bool(to_field == self.opts.pk.name)

    # one object

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(flatten_fieldsets(self.fieldsets))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        obj = kwargs.get("obj")
        title = self.title_of(obj)
        context |= {
            "title": title,
            "subtitle": None,
            "original": Named(obj, title),
            "actions_detail": self._buttons(request, obj),
            "show_history": self.admin_site.may_see_events(request),
            **self.more(request, obj),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What happened to it is in the log of the plane, and nowhere else."""
        obj = self._one(request, object_id)
        return redirect(self.admin_site.address_of_events(self.history_of(obj)))

    def history_of(self, obj: Any) -> Any:
        """The id of the object that the events are about."""
        return obj.pk

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> NoReturn:
        raise Http404

    # The log of the plane tells what was done; Django's own would be a second one.

    def log_addition(self, *_: Any) -> None: ...

    def log_change(self, *_: Any) -> None: ...

    def log_deletions(self, *_: Any) -> None: ...

    # deeds

    def offer(self, *deeds: Deed) -> None:
        """Take deeds of an app that knows more."""
        self.deeds = (*self.deeds, *deeds)

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return update_wrapper(self.admin_site.admin_view(view), view)

        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path("do/<slug:deed>/", wrap(self.deed_view), name=f"{name}_open"),
            path("<path:object_id>/do/<slug:deed>/", wrap(self.deed_view), name=f"{name}_do"),
        ]
        return own + list(super().get_urls())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["actions_list"] = self._buttons(request, None)
        return response

    def deed_view(
        self, request: HttpRequest, deed: str, object_id: str | None = None
    ) -> HttpResponse:
        """Ask for what a deed needs; do it when that is sent back."""
        obj = None if object_id is None else self._one(request, object_id)
        found = self._deed(request, deed, obj)
        if request.method != "POST":
            return self._ask(request, found, obj, found.form(initial=found.initial(obj)))
        form = found.form(request.POST)
        try:
            if form.is_valid():
                return self._tell(request, found.do(request, obj, form.cleaned_data), obj)
        except InvalidInput as refusal:
            found.refuse(form, refusal)
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
            return redirect(self._address_of(obj))
        except NotPermitted as refusal:
            raise PermissionDenied(refusal.detail) from refusal
        except NotFound as refusal:
            raise Http404(refusal.detail) from refusal
        return self._ask(request, found, obj, form, status=400)

    def _deed(self, request: HttpRequest, name: str, obj: Any) -> Deed:
        """The deed of this name, if the viewer's rights let him be asked for it."""
        known = self.openings if obj is None else self.deeds
        found = next((deed for deed in known if deed.name == name), None)
        if found is None:
            raise Http404
        if not (self.has_view_permission(request) and found.is_for(viewing_of(request))):
            raise PermissionDenied
        return found

    def _ask(
        self,
        request: HttpRequest,
        deed: Deed,
        obj: Any,
        form: forms.Form,
        *,
        status: int = 200,
    ) -> HttpResponse:
        name = self.title_of(obj) if obj is not None else ""
        context = self.admin_site.each_context(request) | {
            "title": f"{deed.label}: {name}" if name else deed.label,
            "opts": self.opts,
            "original": Named(obj, name) if obj is not None else None,
            "deed": deed,
            "variant": deed.variant.value,
            "form": form,
            "back": self._address_of(obj),
        }
        return TemplateResponse(request, "admin/deed.html", context, status=status)

    def _tell(self, request: HttpRequest, done: Done, obj: Any) -> HttpResponse:
        tell = messages.success if done.is_well else messages.warning
        tell(request, done.sentence)
        if done.leads_to is not None:
            return redirect(self._address("change", done.leads_to))
        return redirect(self._address_of(obj))

    def _one(self, request: HttpRequest, object_id: str) -> Any:
        """The object of an address; nobody is told of one that they may not see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        return obj

    def _buttons(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        viewing = viewing_of(request)
        known = self.openings if obj is None else self.deeds
        return [
            {
                "title": deed.label,
                "icon": deed.icon,
                "variant": deed.variant if deed.variant in _LOUD else ActionVariant.DEFAULT,
                "attrs": {},
                "dialog": None,
                "path": self._address("open", deed.name)
                if obj is None
                else self._address("do", obj.pk, deed.name),
            }
            for deed in known
            if deed.is_for(viewing) and (obj is None or deed.fits(obj, viewing.at))
        ]

    def _address_of(self, obj: Any) -> str:
        """Where a page leads back to: the object, or the list when it is gone."""
        there = obj is not None and self.model._default_manager.filter(pk=obj.pk).exists()
        return self._address("change", obj.pk) if there else self._address("changelist")

    def _address(self, what: str, *args: Any) -> str:
        return address_of(self.model, what, *args)


class Named:
    """An object under the name that people know it by, for the titles of pages."""

    is_a_name = True

    def __init__(self, obj: Any, name: str) -> None:
        self._meta, self.pk, self._name = obj._meta, obj.pk, name

    def __str__(self) -> str:
        return self._name


# --- how it looks -------------------------------------------------------------------------------


def address_of(model: type[Model] | str, what: str, *args: Any) -> str:
    """The address of a page about objects of this model, such as `identity_user`."""
    name = model if isinstance(model, str) else model._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{name}_{what}", args=args)


def moment_column(field: str, label: Text) -> Callable[[Any, Any], str]:
    """A column with the moment of this field, in words."""

    @display(description=label, ordering=field)  # type: ignore[arg-type]  # any promise will do
    def column(_admin: Any, obj: Any) -> str:
        return moment_text(getattr(obj, field))

    return column


def moment_text(moment: datetime | None) -> str:
    """A moment in words, or a dash."""
    if moment is None:
        return NOTHING
    return format_html('<span class="plane-moment">{}</span>', spoken(moment))


def badge(word: Text, tone: str, icon: str) -> SafeString:
    """A state: an icon, a word, and a colour that says the same."""
    return format_html(
        '<span class="plane-badge plane-{}"><span class="material-symbols-outlined" '
        'aria-hidden="true">{}</span>{}</span>',
        tone,
        icon,
        word,
    )


def active_badge(is_active: bool, *, otherwise: Text = "") -> SafeString:  # noqa: FBT001
    """Whether something works, or somebody is let in."""
    if is_active:
        return badge(_("Active"), "green", "check")
    return badge(otherwise or _("Off"), "grey", "pause")


def preformatted(text: str) -> SafeString:
    """A text of several lines, as it is."""
    return format_html('<pre class="plane-text">{}</pre>', text)


def link(address: str, text: str) -> SafeString:
    """A link in a list of facts."""
    return format_html('<a class="text-link" href="{}">{}</a>', address, text)
