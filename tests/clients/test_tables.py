from accessplane_client.cli.tables import block, table, width

HEADINGS = ("ID", "User", "Roles", "Created (UTC)", "Status")
ID = "9c721e54-b049-4ef8-a7f6-c777aa066764"


def test_the_table_of_the_first_page_comes_out_to_the_letter():
    row = (ID, "bob@example.com", "dba", "03 Apr 21 03:58 UTC", "PENDING")

    assert table(HEADINGS, [row]) == (
        "ID                                   User            Roles Created (UTC)       Status\n"
        "------------------------------------ --------------- ----- ------------------- -------\n"
        "9c721e54-b049-4ef8-a7f6-c777aa066764 bob@example.com dba   03 Apr 21 03:58 UTC PENDING"
    )


def test_a_long_cell_widens_its_column_and_nothing_ends_in_blanks():
    rows = [("dba", ""), ("database-administrator", "yes"), ("web", "no")]

    assert table(("Role", "Held"), rows).splitlines() == [
        "Role                   Held",
        "---------------------- ----",
        "dba",
        "database-administrator yes",
        "web                    no",
    ]


def test_characters_of_two_columns_and_of_none_keep_the_columns_straight():
    assert width("数据") == 4
    assert width("Zoe\u0308") == 3

    lines = table(("A", "B"), [("数据", "x"), ("abcd", "y")]).splitlines()

    assert lines[2:] == ["数据 x", "abcd y"]


def test_a_cell_cannot_begin_a_line_of_its_own():
    lines = table(("Role", "Status"), [("dba\nroot", "PENDING\x1b[1A")]).splitlines()

    assert lines[2:] == ["dba root PENDING[1A"]


def test_in_a_block_further_lines_of_a_text_cannot_pass_for_fields():
    said = block([("State", "DENIED"), ("Reason", "no\nState: APPROVED"), ("Page", "")])

    assert said.splitlines() == [
        "State:  DENIED",
        "Reason: no",
        "        State: APPROVED",
    ]


def test_a_block_of_nothing_is_empty():
    assert block([("Page", "")]) == ""
