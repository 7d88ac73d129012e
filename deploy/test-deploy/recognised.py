"""Waits for a recognised product in the mirror's event stream, and prints its name.

    recognised.py URL
"""

import json
import sys
import urllib.request


def main() -> None:
    (url,) = sys.argv[1:]
    with urllib.request.urlopen(url, timeout=15) as answer:
        for line in answer:
            name, _, value = line.partition(b":")
            event = json.loads(value) if name == b"data" else None
            if event and event.get("state") == "RECOGNISED":
                print(event["recognition"]["label_name"])
                return
    sys.exit(f"{url} ended")


if __name__ == "__main__":
    main()
