"""Settings from the environment: sane without any, and a wrong one is named with what it allows."""
import stat

import pytest

from webapp.config import Config, ConfigError

KEY = "9f2c7be1a84d4c55b0a1d2e3f4a5b6c7"


def read(tmp_path, **variables):
    return Config.from_environment({f"BINGLIAN_{name}": value for name, value in variables.items()}, data_dir=tmp_path)


def test_without_any_setting_everything_lies_in_the_data_folder(tmp_path):
    config = read(tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path}/binglian.db"
    assert config.storage_url == f"file://{tmp_path}/files"
    assert (config.host, config.port, config.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key and len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(("variable", "value", "allowed"), [
    ("PORT", "http", "a whole number from 1 to 65535"),
    ("PORT", "70000", "a whole number from 1 to 65535"),
    ("DATABASE_URL", "mysql://x/y", "sqlite:, postgresql+psycopg:"),
    ("BROKER_URL", "sqla+sqlite://", "redis:"),
    ("STAGES_EARLY", "maybe", "1 or 0"),
    ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR"),
    ("SECRET_KEY", "changeme", "at least 32 random characters"),
    ("SECRET_KEY", "a" * 40, "at least 32 random characters"),
    ("DEMO_PASSWORD", "short", "at least 10 characters"),
])
def test_a_wrong_setting_is_named_with_what_it_allows(tmp_path, variable, value, allowed):
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, **{variable: value})
    [problem] = refused.value.problems
    assert f"BINGLIAN_{variable}" in problem and allowed in problem


def test_secrets_are_not_repeated_in_errors(tmp_path):
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, SECRET_KEY="changeme", DEMO_PASSWORD="short")
    assert "changeme" not in str(refused.value) and "short" not in str(refused.value)


def test_all_wrong_settings_are_told_at_once(tmp_path):
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, PORT="x", LOG_LEVEL="x")
    assert len(refused.value.problems) == 2


def test_a_mistyped_name_is_told(tmp_path):
    with pytest.raises(ConfigError, match="BINGLIAN_PROT"):
        read(tmp_path, PROT="8001")


def test_a_partner_needs_its_key(tmp_path):
    with pytest.raises(ConfigError, match="BINGLIAN_SMS_KEY"):
        read(tmp_path, SMS_URL="https://sms.example")
    assert read(tmp_path, SMS_URL="https://sms.example/", SMS_KEY=KEY).sms_url == "https://sms.example"


def test_a_damaged_secret_file_is_not_used(tmp_path):
    (tmp_path / "secret").write_text("short")
    with pytest.raises(ConfigError, match="secret"):
        read(tmp_path)


def test_https_makes_cookies_secure(tmp_path):
    assert read(tmp_path, PUBLIC_URL="https://spj.example").is_https
    assert not read(tmp_path).is_https


def test_the_help_names_every_variable():
    assert "BINGLIAN_PORT" in Config.help() and "BINGLIAN_STAGES_EARLY" in Config.help()
