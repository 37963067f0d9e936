"""Settings: strict, complete, and said in one list what is wrong."""

import pytest

import config
from booking.app import create_app
from config import BadConfig, settings

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "k" * 32,
    "DATABASE_URL": "postgresql:///booking",
    "BASE_URL": "https://reserver.example.org",
    "MAIL_URL": "smtp://mail.example.org",
    "MAIL_FROM": "reservations@example.org",
}


@pytest.fixture(autouse=True)
def own_instance(tmp_path, monkeypatch):
    """The development key is written into a folder of this test alone."""
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")


def problems(environ):
    with pytest.raises(BadConfig) as bad:
        settings(environ)
    return bad.value.problems


def without(*names):
    return {name: value for name, value in PRODUCTION.items() if name not in names}


def test_production_starts_with_everything_it_needs():
    assert settings(PRODUCTION)["APP_ENV"] == "production"


def test_production_lists_everything_that_is_missing():
    assert problems({"APP_ENV": "production"}) == [
        "SECRET_KEY is not set",
        "DATABASE_URL is not set",
        "BASE_URL is not set",
        "MAIL_URL is not set",
        "MAIL_FROM is not set",
    ]


@pytest.mark.parametrize("name", config.REQUIRED)
def test_each_missing_setting_stops_production(name):
    assert problems(without(name)) == [f"{name} is not set"]


@pytest.mark.parametrize("name", config.REQUIRED)
def test_an_empty_setting_is_missing(name):
    assert problems(PRODUCTION | {name: ""}) == [f"{name} is not set"]


@pytest.mark.parametrize("name", config.REQUIRED)
def test_every_required_setting_may_stand_in_a_file(name, tmp_path):
    path = tmp_path / name
    path.write_text(f"{PRODUCTION[name]}\n")

    found = settings(without(name) | {f"{name}_FILE": str(path)})

    assert found == settings(PRODUCTION)


def test_a_file_wins_over_the_variable(tmp_path):
    (tmp_path / "key").write_text("f" * 40)

    found = settings(PRODUCTION | {"SECRET_KEY_FILE": str(tmp_path / "key")})

    assert found["SECRET_KEY"] == "f" * 40


@pytest.mark.parametrize("environment", [PRODUCTION, {}])
def test_a_file_that_is_not_there_stops_the_start(environment, tmp_path):
    found = problems(environment | {"DATABASE_URL_FILE": str(tmp_path / "none")})

    assert found[0] == "DATABASE_URL_FILE cannot be read: No such file or directory"


def test_a_file_that_is_no_text_stops_the_start(tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")

    assert problems({"SECRET_KEY_FILE": str(tmp_path / "key")}) == [
        "SECRET_KEY_FILE is not text in UTF-8"
    ]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("APP_ENV", "staging", "APP_ENV is 'staging'"),
        ("PORT", "http", "PORT is 'http'"),
        ("PORT", "-1", "PORT is '-1'"),
        ("PROXY_HOPS", "1.5", "PROXY_HOPS is '1.5'"),
        ("BASE_URL", "reserver.example.org", "BASE_URL is 'reserver.example.org'"),
        ("BASE_URL", "https://example.org/app", "BASE_URL is"),
        ("BASE_URL", "https://example.org?x=1", "BASE_URL is"),
        ("BASE_URL", "https://example.org:port", "BASE_URL is"),
        ("BASE_URL", "https://[::1", "BASE_URL is"),
        ("BASE_URL", "ftp://example.org", "BASE_URL is"),
        ("BASE_URL", "http://example.org", "BASE_URL must start with https://"),
        ("SECRET_KEY", "short", "SECRET_KEY is shorter than 32 characters"),
        ("MAIL_FROM", "Reservations <r@example.org>", "MAIL_FROM is"),
        ("PASSWORD_HASHING", "cheapest", "PASSWORD_HASHING=cheapest is for APP_ENV=test alone"),
    ],
)
def test_a_bad_value_is_told_with_its_name(name, value, problem):
    (found,) = problems(PRODUCTION | {name: value})

    assert found.startswith(problem)


def test_all_bad_values_are_told_at_once():
    assert len(problems(PRODUCTION | {"PORT": "x", "SECRET_KEY": "y", "PROXY_HOPS": "z"})) == 3


def test_a_problem_does_not_repeat_the_secret():
    assert "short" not in str(problems(PRODUCTION | {"SECRET_KEY": "shorty"})).replace(
        "shorter", ""
    )


def test_the_list_is_readable_on_a_terminal():
    with pytest.raises(BadConfig, match=r"mend before a start:\n- SECRET_KEY is not set\n- "):
        settings({"APP_ENV": "production"})


def test_on_a_laptop_nothing_needs_to_be_set():
    found = settings({})

    assert (found["APP_ENV"], found["TESTING"]) == ("development", False)
    assert found["BASE_URL"] == "http://127.0.0.1:5000"


def test_the_port_is_in_the_address_of_a_laptop():
    assert settings({"PORT": "5801"})["BASE_URL"] == "http://127.0.0.1:5801"


def test_a_laptop_keeps_its_key_for_itself():
    first = settings({})["SECRET_KEY"]

    assert settings({})["SECRET_KEY"] == first
    assert len(first) == 64
    assert (config.INSTANCE / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [("https://a.example.org", "__Host-session", True), ("http://localhost", "session", False)],
)
def test_the_cookie_is_bound_to_the_host_where_there_is_https(base_url, name, secure):
    found = settings(PRODUCTION | {"APP_ENV": "test", "BASE_URL": base_url})

    assert found["SESSION_COOKIE_NAME"] == name
    assert found["SESSION_COOKIE_SECURE"] is secure


def test_no_script_reads_the_cookie_and_no_other_site_sends_it():
    found = settings(PRODUCTION)

    assert found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"


@pytest.mark.parametrize(
    ("base_url", "more", "hosts"),
    [
        ("https://a.example.org", "", ["a.example.org"]),
        ("https://a.example.org:8443/", " b.example.org, ", ["a.example.org", "b.example.org"]),
        ("http://localhost", "", ["localhost", "localhost", "127.0.0.1"]),
    ],
)
def test_the_hosts_it_answers_to(base_url, more, hosts):
    environ = PRODUCTION | {"APP_ENV": "test", "BASE_URL": base_url, "TRUSTED_HOSTS": more}

    assert settings(environ)["TRUSTED_HOSTS"] == hosts


def test_limits_are_on_unless_switched_off():
    assert settings({})["RATELIMIT_ENABLED"] is True
    assert settings({"RATE_LIMITS": "off"})["RATELIMIT_ENABLED"] is False


def test_a_test_may_hash_cheaply():
    assert settings({"APP_ENV": "test", "PASSWORD_HASHING": "cheapest"})["CHEAP_PASSWORDS"] is True


def test_overrides_win_over_the_environment():
    app = create_app(PORT=1234, SQLALCHEMY_DATABASE_URI="sqlite://")

    assert app.config["PORT"] == 1234


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("MAIL_URL", "smtp.example.org"),
        ("RATE_LIMIT_STORAGE", "foo"),
        ("PORT", "99999999"),
    ],
)
def test_an_address_of_no_known_kind_is_a_problem_and_not_repeated(name, value):
    with pytest.raises(BadConfig) as bad:
        settings({"APP_ENV": "test", name: value})

    (problem,) = bad.value.problems
    assert problem.startswith(name)
