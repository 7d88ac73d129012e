"""Whom a browser has looked for and connected to, by its own log (--log-net-log).

    peers.py LOG     fails unless there is somebody, and it is 127.0.0.1 alone
"""

import json
import re
import sys
import urllib.parse

text = open(sys.argv[1]).read()
number = {name: int(re.search(rf'"{name}":(\d+)', text)[1]) for name in ("TCP_CONNECT_ATTEMPT", "HOST_RESOLVER_MANAGER_REQUEST")}
peers, names = set(), set()
# An event a line; the last one may be cut off.
for line in text.splitlines():
    try:
        event = json.loads(line.rstrip(","))
    except ValueError:
        continue
    params = event.get("params", {})
    if event.get("type") == number["TCP_CONNECT_ATTEMPT"] and "address" in params:
        peers.add(params["address"].rsplit(":", 1)[0])
    if event.get("type") == number["HOST_RESOLVER_MANAGER_REQUEST"] and "host" in params:
        names.add(urllib.parse.urlsplit(params["host"]).hostname)
# "~notfound" is what every name but the mirror's becomes before it is looked for.
print("connected to:", *sorted(peers), "looked for:", *sorted(names))
sys.exit(peers != {"127.0.0.1"} or not names <= {"127.0.0.1", "~notfound"})
