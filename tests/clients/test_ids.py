import pytest
from accessplane_client.addresses import plane_url, segment, whole_id
from accessplane_client.cli import ids
from accessplane_client.errors import MalformedId, PlaneError

ID = "9c721e54-b049-4ef8-a7f6-c777aa066764"


def test_a_whole_id_is_taken_whatever_its_case():
    assert ids.request_id(ID) == ID
    assert ids.request_id(ID.upper()) == ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9c721e54",
        ID[:-1],
        ID + "0",
        ID.replace("-", ""),
        "../users/me",
        f"{{{ID}}}",
        ID + "\n/x",
    ],
)
def test_a_shortened_or_strange_id_is_refused_here_and_says_where_whole_ones_are(text):
    with pytest.raises(PlaneError) as refused:
        ids.request_id(text)

    assert "ids are 36 characters" in refused.value.detail
    assert "copy it whole from `ap request list`" in refused.value.detail.lower()


def test_the_ids_of_grants_are_found_in_their_own_list():
    with pytest.raises(PlaneError, match="ap grant list"):
        ids.grant_id("9c72")


def test_the_client_refuses_them_by_name():
    with pytest.raises(MalformedId):
        whole_id("9c72")


@pytest.mark.parametrize(
    ("name", "part"),
    [("a/b", "a%2Fb"), ("bob@example.com", "bob@example.com"), ("a?b#c", "a%3Fb%23c")],
)
def test_a_name_stays_one_part_of_a_path(name, part):
    assert segment(name) == part


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_cannot_climb_up_a_path(name):
    with pytest.raises(PlaneError):
        segment(name)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://plane.example.com/", "https://plane.example.com"),
        (" http://127.0.0.1:8000 ", "http://127.0.0.1:8000"),
        ("https://example.com/plane/", "https://example.com/plane"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_of_a_plane_is_http(text, url):
    assert plane_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "plane.example.com", "ftp://example.com", "file:///etc/passwd", "https://",
        "https://bob:secret@example.com", "https://example.com/?next=x", "https://example.com/#x",
        "http://[", "http://example.com:port",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(text):
    with pytest.raises(PlaneError) as refused:
        plane_url(text)

    assert "secret" not in refused.value.detail
