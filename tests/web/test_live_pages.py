"""Where a page follows from: the end of the log before it was made."""

import re

from audit import selectors


def after_of(seen) -> int:
    (found,) = re.findall(r'data-after="(\d+)"', seen.source)
    return int(found)


def test_a_page_follows_from_where_the_log_ended(everybody, browser, bob):
    assert after_of(browser(bob).read("/")) == selectors.head_sequence()


def test_a_page_for_nobody_follows_nothing(everybody, nobody):
    assert "data-after" not in nobody.read("/accounts/login/").source
