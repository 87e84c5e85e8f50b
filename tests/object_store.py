"""`python -m tests.object_store serve …`: nanio, answering ranges as S3 does.

nanio 0.1.7 refuses a range that ends behind the object with 400; S3 (and RFC 9110) cuts it at the
end, and answers 416 when nothing of it is inside. nginx's slices depend on both.
"""

import sys
from typing import Any

from nanio import cli
from nanio.errors import S3Error
from nanio.storage.filesystem import FilesystemStorage


class InvalidRange(S3Error):
    code = "InvalidRange"
    http_status = 416


plain = FilesystemStorage.get_object


async def get_object(
    self: FilesystemStorage,
    bucket: str,
    key: str,
    *,
    range_start: int | None = None,
    range_end: int | None = None,
) -> Any:
    size = self.head_object(bucket, key).size
    if range_start is not None and range_start >= size:
        raise InvalidRange("The requested range is not satisfiable")
    if range_end is not None:
        range_end = min(range_end, size - 1)
    return await plain(self, bucket, key, range_start=range_start, range_end=range_end)


FilesystemStorage.get_object = get_object

if __name__ == "__main__":
    sys.exit(cli.main())
