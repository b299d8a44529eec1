from tests.annotation.pack import pack  # noqa: F401  fixture
