import environ

from config.footer import site_fields


def fields(monkeypatch, *, demo: bool = False, **environment: str) -> dict[str, str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return site_fields(environ.Env(), name="微党课", demo=demo)


def test_the_site_says_what_the_environment_says(monkeypatch) -> None:
    found = fields(monkeypatch, SITE_ORGANISER="示例组织部", SITE_CODE="1234567890")
    assert (found["organiser"], found["site_code"]) == ("示例组织部", "1234567890")
    assert (found["name"], found["slogan"]) == ("微党课", "")


def test_the_demo_has_words_of_its_own_where_the_environment_has_none(monkeypatch) -> None:
    found = fields(monkeypatch, demo=True, SITE_ORGANISER="示例组织部")
    assert found["organiser"] == "示例组织部"
    assert found["slogan"]
