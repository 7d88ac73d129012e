"""Stands in for the ui service in test.sh: a page that tells its size.

    page.py FOLDER

Writes its port to FOLDER/port, and a line for each request that counts to
FOLDER/requests. /readyz says 503 to the first three, and after them while
FOLDER/closed exists. What FOLDER/streams says is the number of open event streams in
/metrics.
"""

import http.server
import pathlib
import sys
import threading
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])

# A corner each of its own colour: a bar, a bubble or a margin would cover one.
PAGE = b"""<!doctype html>
<meta charset="utf-8">
<title>Smart mirror</title>
<style>
  html { background: rgb(0, 64, 128); cursor: none; }
  i { position: fixed; width: 40px; height: 40px; }
</style>
<i style="left: 0; top: 0; background: rgb(255, 0, 0)"></i>
<i style="right: 0; top: 0; background: rgb(0, 255, 0)"></i>
<i style="left: 0; bottom: 0; background: rgb(0, 0, 255)"></i>
<i style="right: 0; bottom: 0; background: rgb(255, 255, 0)"></i>
<script>
  const tell = (what) => fetch(`/${what}?${innerWidth}x${innerHeight}`);
  addEventListener("load", () => tell("loaded"));
  addEventListener("resize", () => tell("resized"));
</script>
"""


class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    lock = threading.Lock()

    def do_GET(self):  # noqa: N802, the base class's name
        path = urllib.parse.urlsplit(self.path).path
        if path == "/readyz":
            with Handler.lock:
                Handler.asked += 1
                ready = Handler.asked > 3 and not (FOLDER / "closed").exists()
            self.note(f"readyz {200 if ready else 503}")
            self.answer(200 if ready else 503, b"")
        elif path == "/metrics":
            streams = FOLDER / "streams"
            text = f"mirror_event_streams_open {streams.read_text().strip()}\n" if streams.exists() else ""
            self.answer(200, text.encode())
        elif path == "/":
            self.answer(200, PAGE, "text/html")
        elif path in ("/loaded", "/resized"):
            self.note(f"{path[1:]} {urllib.parse.urlsplit(self.path).query}")
            self.answer(200, b"")
        else:
            self.answer(404, b"")

    def note(self, line):
        with Handler.lock, (FOLDER / "requests").open("a") as file:
            file.write(line + "\n")

    def answer(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


port = int((FOLDER / "port").read_text()) if (FOLDER / "port").exists() else 0
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
(FOLDER / "port").write_text(str(server.server_port))
server.serve_forever()
