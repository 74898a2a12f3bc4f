"""Settings are typed and frozen, and a misspelt name is no silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.settings import Settings, SettingsFault, load


def test_nothing_set_gives_the_embedded_defaults() -> None:
    settings = load({})
    assert settings == Settings()
    assert settings.embedded
    assert settings.database_path == Path("data/panel.sqlite")


def test_values_are_read_with_their_types() -> None:
    settings = load(
        {
            "PANEL_DATA_DIR": "/srv/panel",
            "PANEL_SMALL_TEAM": "false",
            "PANEL_ALLOWED_HOSTS": "panel.example, www.panel.example",
            "DATABASE_URL": "postgresql://db/panel",
        }
    )
    assert settings.data_dir == Path("/srv/panel")
    assert settings.small_team is False
    assert settings.allowed_hosts == ("panel.example", "www.panel.example")
    assert not settings.embedded


def test_a_misspelt_name_is_refused_with_a_hint() -> None:
    with pytest.raises(SettingsFault, match="PANEL_DATA_DIR"):
        load({"PANEL_DATA_DRI": "/srv"})


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://db/secret\n", encoding="utf-8")
    assert load({"PANEL_DATABASE_URL_FILE": str(file)}).database_url == "postgresql://db/secret"


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="PANEL_DATABASE_URL_FILE"):
        load({"PANEL_DATABASE_URL_FILE": str(tmp_path / "nothing")})


def test_an_unreadable_value_is_refused() -> None:
    with pytest.raises(SettingsFault, match="small_team"):
        load({"PANEL_SMALL_TEAM": "perhaps"})


def test_keys_inside_the_data_folder_are_refused() -> None:
    with pytest.raises(SettingsFault, match="PANEL_KEY_DIR"):
        load({"PANEL_DATA_DIR": "/srv/panel", "PANEL_KEY_DIR": "/srv/panel/keys"})


def test_nothing_can_be_changed_later() -> None:
    with pytest.raises(AttributeError):
        Settings().city = "elsewhere"  # type: ignore[misc]


def test_an_unknown_log_level_is_named_before_anything_starts() -> None:
    assert load({"PANEL_LOG_LEVEL": "WARNING"}).log_level == "WARNING"
    with pytest.raises(SettingsFault, match="log_level"):
        load({"PANEL_LOG_LEVEL": "LOUD"})
