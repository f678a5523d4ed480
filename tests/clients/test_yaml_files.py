import pytest
import yaml
from accessplane_client.cli.yaml_files import Source, joined, places
from accessplane_client.errors import PlaneError

ROLE = Source("roles.yaml", b"# who\nkind: role\nversion: v1\n---\n")
USERS = Source(
    "users.yml", b"---\nkind: user\nsince: 2024-01-01\n---\nkind: user\nnote: |\n  a\n  b\n"
)


def test_one_file_goes_as_it_is():
    assert joined([ROLE]) == ROLE.content


def test_several_files_become_one_text_without_empty_documents():
    said = joined([ROLE, USERS])

    apart = [
        document
        for source in (ROLE, USERS)
        for document in yaml.safe_load_all(source.content)
        if document is not None
    ]
    assert list(yaml.safe_load_all(said)) == apart
    assert b"since: 2024-01-01" in said


def test_a_tag_is_passed_on_and_not_carried_out():
    source = Source("x.yaml", b"kind: !!python/object/apply:os.system ['true']\n")

    assert b"!!python/object/apply:os.system" in joined([source, ROLE])


def test_a_mistake_names_its_file_and_line():
    with pytest.raises(PlaneError, match=r"broken\.yaml is not YAML: .* line 3"):
        joined([ROLE, Source("broken.yaml", b"a: 1\nb: [\n")])


def test_nothing_at_all_is_a_mistake():
    with pytest.raises(PlaneError, match="no document"):
        joined([Source("stdin", b"# later\n---\n")])


def test_documents_can_be_found_again_by_their_number():
    assert list(places([ROLE, USERS])) == ["document 1: roles.yaml", "2 to 3: users.yml"]
