"""Programs of the system: found, installed if allowed, or reported if not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bootstrap.console import Console
from tools.bootstrap.distribution import Program, programs_ensure
from tools.bootstrap.failure import Failure
from tools.bootstrap.supervisor import Family
from tools.bootstrap.workshop import Workshop

# Records its arguments; "installs" a program with the package's name.
APT = """#!/bin/sh
folder=$(dirname "$0")
echo "$*" >> "$folder/requested"
[ "$1" = install ] || exit 0
for package; do :; done
printf '#!/bin/sh\\n' > "$folder/$package-program"
chmod +x "$folder/$package-program"
"""
STORE = Program("store", ("store-program",))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    (tmp_path / "apt-get").write_text(APT)
    (tmp_path / "apt-get").chmod(0o755)
    with Console() as console, Family() as family:
        yield Workshop(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}, family, console)


def test_root_installs_what_is_missing_once(shop: Workshop, tmp_path: Path) -> None:
    for _ in range(2):
        assert programs_ensure(shop, STORE, is_root=lambda: True) == [tmp_path / "store-program"]

    requested = (tmp_path / "requested").read_text().splitlines()
    assert requested == ["update", "install --yes --no-install-recommends store"]


def test_other_users_see_what_to_install(shop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"the tests need store; .*: apt-get install store$"):
        programs_ensure(shop, STORE, is_root=lambda: False)

    assert not (tmp_path / "requested").exists()


def test_the_newest_of_several_versions_off_the_path_is_found(tmp_path: Path) -> None:
    for version in ("14", "15"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    program = Program("postgresql", ("initdb",), (f"{tmp_path.relative_to('/')}/*/bin",))

    assert program.find({"PATH": "/nowhere"}) == tmp_path / "15" / "bin" / "initdb"


def test_apt_without_a_network_is_reported(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "apt-get").write_text(
        "#!/bin/sh\necho \"W: Temporary failure resolving 'deb.example'\"; exit 100\n"
    )

    with pytest.raises(Failure, match=r"^Debian's package lists: no network"):
        programs_ensure(shop, STORE, is_root=lambda: True)
