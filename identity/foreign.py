"""Pure: fields that role files of other products carry and that have no effect here.

They are taken out with a warning each, so that an existing file can be applied as it is. What
could take a right away is not among them: to pass over a deny would open a door.
"""

from collections.abc import Mapping
from typing import Any

_DEEPEST = 2  # no such field stands deeper than spec.allow.request.*


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALLOW = _names(
    """
    account_assignments app_labels app_labels_expression aws_role_arns azure_identities
    cluster_labels cluster_labels_expression db_labels db_labels_expression db_names
    db_service_labels db_service_labels_expression db_users desktop_groups
    gcp_service_accounts github_permissions group_labels group_labels_expression host_groups
    host_sudoers impersonate join_sessions kubernetes_labels kubernetes_labels_expression
    kubernetes_resources kubernetes_users mcp node_labels node_labels_expression
    require_session_join spiffe windows_desktop_labels windows_desktop_labels_expression
    windows_desktop_logins workload_identity_labels workload_identity_labels_expression
    """
)
_DENY = _ALLOW | {"logins", "kubernetes_groups", "db_roles"}
_OPTIONS = _names(
    """
    cert_extensions cert_format client_idle_timeout create_db_user create_db_user_mode
    create_desktop_user create_host_user create_host_user_default_shell create_host_user_mode
    desktop_clipboard desktop_directory_sharing device_trust_mode disconnect_expired_cert
    enhanced_recording forward_agent idp lock max_connections max_kubernetes_connections
    max_sessions mfa_verification_interval permit_x11_forwarding pin_source_ip port_forwarding
    record_session request_require_mfa require_session_mfa ssh_file_copy ssh_port_forwarding
    """
)
_FIELDS: Mapping[tuple[str, ...], frozenset[str]] = {
    ("allow",): _ALLOW,
    ("allow", "request"): frozenset({"search_as_roles", "kubernetes_resources"}),
    ("allow", "review_requests"): frozenset({"preview_as_roles"}),
    ("deny",): _DENY,
    ("options",): _OPTIONS,
}


def without_foreign_fields(spec: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The `spec` of a role without such fields, and the paths of those that were left out."""
    return _cleaned(spec, ())


def _cleaned(
    value: Mapping[str, Any], path: tuple[str, ...]
) -> tuple[dict[str, Any], list[str]]:
    kept: dict[str, Any] = {}
    left_out: list[str] = []
    for key, item in value.items():
        if key in _FIELDS.get(path, ()):
            left_out.append(".".join(("spec", *path, key)))
        elif isinstance(item, Mapping) and len(path) < _DEEPEST:
            kept[key], below = _cleaned(item, (*path, key))
            left_out += below
        else:
            kept[key] = item
    return kept, left_out
