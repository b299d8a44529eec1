"""Splits depend only on the key and have the expected shares."""

from ml.contracts.split import split_of


def test_shares_and_stability() -> None:
    keys = [f"sku-{i}" for i in range(4000)]
    splits = [split_of(key, val=0.1, test=0.2) for key in keys]
    assert abs(splits.count("test") / 4000 - 0.2) < 0.02
    assert abs(splits.count("val") / 4000 - 0.1) < 0.02
    assert [split_of(key, val=0.1, test=0.2) for key in reversed(keys)] == splits[::-1]
