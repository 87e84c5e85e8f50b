from config.storage import s3_options


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
