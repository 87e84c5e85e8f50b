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


def test_a_store_takes_each_kind_of_file(tmp_path: Path) -> None:
    places = dict.fromkeys(("media", "roster", "claims"), tmp_path)
    found = storages("s3://key:secret@store.example/lectures", **places)
    assert found["recordings"]["BACKEND"] == S3
    assert found["recordings"]["OPTIONS"].get("location", "") == ""
    for name in ("roster", "claims"):
        assert found[name]["BACKEND"] == S3
        assert found[name]["OPTIONS"]["location"] == name


def test_without_a_store_nothing_has_a_public_address(tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("media", "roster", "claims")}
    found = storages("", **places)
    assert found["recordings"]["OPTIONS"] == {"location": str(tmp_path / "media"), "base_url": None}
    for name in ("roster", "claims"):
        assert found[name]["OPTIONS"] == {"location": str(tmp_path / name), "base_url": None}
