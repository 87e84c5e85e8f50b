from pathlib import Path

from config.storage import S3, s3_options, storages


def test_a_compatible_store_is_reached_by_its_address() -> None:
    options = s3_options("s3://key:se%2Fcret@store.example:9000/lectures?secure=0&region=cn")
    assert options["endpoint_url"] == "http://store.example:9000"
    assert options["bucket_name"] == "lectures"
    assert options["access_key"] == "key"
    assert options["secret_key"] == "se/cret"
    assert options["region_name"] == "cn"


def test_checksums_are_only_sent_when_required() -> None:
    config = s3_options("s3://key:secret@store.example/lectures")["client_config"]
    assert config.request_checksum_calculation == "when_required"


def test_a_store_takes_recordings_and_rosters_alike(tmp_path: Path) -> None:
    found = storages("s3://key:secret@store.example/lectures", media=tmp_path, roster=tmp_path)
    assert found["recordings"]["BACKEND"] == found["roster"]["BACKEND"] == S3
    assert found["recordings"]["OPTIONS"].get("location", "") == ""
    assert found["roster"]["OPTIONS"]["location"] == "roster"


def test_without_a_store_nothing_has_a_public_address(tmp_path: Path) -> None:
    found = storages("", media=tmp_path / "media", roster=tmp_path / "roster")
    assert found["recordings"]["OPTIONS"] == {"location": str(tmp_path / "media"), "base_url": None}
    assert found["roster"]["OPTIONS"] == {"location": str(tmp_path / "roster"), "base_url": None}
