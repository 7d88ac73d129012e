"""Prints the data of the first server-sent event of a kind.

    events.py URL KIND
"""

import sys
import urllib.request


def main() -> None:
    url, kind = sys.argv[1:]
    with urllib.request.urlopen(url, timeout=15) as answer:
        seen = ""
        for line in answer:
            name, _, value = line.decode().rstrip("\n").partition(":")
            if name == "event":
                seen = value.strip()
            elif name == "data" and seen == kind:
                print(value.strip())
                return
    sys.exit(f"{url} ended without an event {kind}")


if __name__ == "__main__":
    main()
