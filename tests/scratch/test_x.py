import pytest
from audit.models import *
from tests.factories.identity import *
from tests.factories.requests_app import *
from tests.factories.reviews import *
from tests.append_only import is_locked

@pytest.mark.parametrize("n", range(3))
def test_api(bob, alice, as_, n):
    r = as_(bob).post("access-requests/", {"roles": ["dba"]})
    assert r.status_code == 201, r.content
    r = as_(alice).post(f"access-requests/{r.json()['id']}/reviews/", {"decision": "APPROVE"})
    assert r.json()["request"]["thresholds"][0]["approvals"] == 1
    assert LedgerEntry.objects.count()

@pytest.mark.parametrize("n", range(3))
def test_tx(transactional_db, bob, as_, n):
    assert is_locked()
    r = as_(bob).post("access-requests/", {"roles": ["dba"]})
    assert LedgerEntry.objects.count()

@pytest.mark.parametrize("n", range(3))
def test_live(live_server, bob, as_, n):
    import httpx
    assert is_locked()
    c = as_(bob)
    a = httpx.post(live_server.url + "/api/v1/access-requests/", json={"roles": ["dba"]}, headers={"Authorization": c._credentials["HTTP_AUTHORIZATION"]})
    assert a.status_code == 201, a.text
    assert LedgerEntry.objects.count()

def test_f(db):
    GrantFactory(); GrantFactory(revoked=True); GrantFactory(scheduled=True); ReviewFactory(denial=True); AccessRequestFactory(denied=True); AccessRequestFactory(roles=["a","b"])
    UserFactory(holding=[RoleFactory()], bot=True)

@pytest.mark.postgres
def test_pg(db): pass
