"""Where a mistake would give wrong figures without anybody noticing.

python3 -B -m unittest test_measure
"""

from __future__ import annotations

import math
import tempfile
import threading
import unittest
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import findings
import frames
import machine
import mirror
import processes
import report
import usb

EVENT = {
    "frame_id": 78,
    "captured_at": "2026-11-30T01:08:36.551159609Z",
    "instant": {"outcome": "KNOWN", "label_name": "A secret hat"},
    "timings": {"decode_us": 958, "wait_us": 10, "resize_us": 235, "embed_us": 4541},
    "classify_us": 49,
    "source": "replay:scenes/0077_empty.jpg",
    "frames_dropped": 0,
}

INFERENCE = {"version": "0.1.0", "started_at": "1", "frames_captured": 100, "frames_dropped": 4}
REPORT = {
    "ui": {"version": "0.1.0", "started_at": "1"},
    "recommender": {"version": "0.1.0", "started_at": "1", "degradations": [], "disk_free_bytes": 9e9},
    "gallery": {"labels": 3, "samples": 40},
    "inference": INFERENCE,
    "model": {
        "id": "mobilenet",
        "dimensions": 1024,
        "input_width": 224,
        "input_height": 224,
        "accelerator": "EDGE_TPU",
        "accelerator_detail": "usb 2-1",
        "accelerator_problem": "",
        "runtime_version": "2.17.1",
    },
    "cameras": [
        {"id": "/dev/video0", "name": "Webcam", "selected": True, "state": "STREAMING", "mode": "640x480 YUYV, 30 fps"}
    ],
}
# As `stat` has it: name in brackets, then utime and stime as fields 14 and 15, start as 22.
STAT = "42 (odd) name) S 1 42 42 0 -1 4194560 100 0 0 0 {utime} {stime} 0 0 20 0 9 0 {started} 1 2 3\n"


def measurement(after: dict[str, Any] | None = None, **given: Any) -> findings.Measurement:
    values: dict[str, Any] = {
        "seconds": 10.0,
        "before": REPORT,
        "after": REPORT | {"inference": INFERENCE | {"frames_captured": 400}} | (after or {}),
        "frames": [frames.frame(EVENT | {"source": "/dev/video0"}, 1796000916.56)] * 300,
        "usages": [processes.Usage("inference", 1, 0.5, 30_000_000, None, True)],
        "busy_cores": 0.75,
        "samples": findings.Samples([50.0, 60.0], [1500], [0]),
        "memory": machine.Memory(4_000_000_000, 2_000_000_000, 0),
        "devices": [usb.Device(usb.RUNNING, "", 5000, "896mA")],
        "cards": [],
        "problem": None,
    }
    return findings.Measurement(**(values | given))


def said(found: findings.Measurement) -> str:
    return "\n".join(findings.stand_out(found))


class Frames(unittest.TestCase):
    def test_an_event_becomes_milliseconds(self) -> None:
        captured = frames.seconds(EVENT["captured_at"])
        frame = frames.frame(EVENT, captured + 0.007)
        self.assertEqual(frame.stages, (0.958, 0.010, 0.235, 4.541, 0.049))
        self.assertAlmostEqual(frame.whole, 7, places=2)
        self.assertTrue(frame.replayed)
        self.assertNotIn("secret", repr(frame))

    def test_nanoseconds_are_understood(self) -> None:
        self.assertAlmostEqual(frames.seconds("1970-01-01T00:01:00.5Z"), 60.5)
        self.assertAlmostEqual(frames.seconds("1970-01-01T00:01:00.123456789Z"), 60.123456, places=5)
        self.assertAlmostEqual(frames.seconds("1970-01-01T00:01:00Z"), 60)
        self.assertTrue(math.isnan(frames.seconds(None)))

    def test_percentiles_are_values_that_occurred(self) -> None:
        self.assertEqual(frames.spread(range(1, 101)), frames.Spread(50, 90, 99, 100))
        self.assertEqual(frames.spread([3, math.nan]), frames.Spread(3, 3, 3, 3))
        self.assertIsNone(frames.spread([math.nan]))
        self.assertEqual(frames.spreads([]), {})

    def test_the_sum_is_of_each_frame(self) -> None:
        one = frames.Frame(1, 0, (1, 0, 0, 9, 0), 20, False)
        two = frames.Frame(2, 0, (9, 0, 0, 1, 0), 20, False)
        self.assertEqual(frames.spreads([one, two])["camera to verdict"].most, 10)


class Events(unittest.TestCase):
    def test_events_are_told_from_pings_and_rubbish(self) -> None:
        lines = ["event:hello\n", 'data:{"boot_id":"1"}\n', "\n", ":\n", "\n", "event: recognition\r\n"]
        lines += ['data: {"frame_id":\r\n', "data: 7}\r\n", "\r\n", "event:x\n", "data:{broken\n", "\n", "event:y\n"]
        self.assertEqual(list(mirror.events(lines)), [("hello", {"boot_id": "1"}), ("recognition", {"frame_id": 7})])

    def test_what_is_no_mirror_is_told(self) -> None:
        class Other(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/report" else 404)
                self.end_headers()
                self.wfile.write(b'{"other": 1}')

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Other)
        self.addCleanup(server.server_close)
        threading.Thread(target=lambda: [server.handle_request() for _ in range(2)], daemon=True).start()
        asked = mirror.Mirror(f"http://127.0.0.1:{server.server_port}/status")
        with self.assertRaisesRegex(mirror.MirrorError, "is no mirror"):
            asked.report()
        with self.assertRaisesRegex(mirror.MirrorError, "answers 404"):
            next(asked.events())
        for wrong in ("mirror.local", "ftp://mirror.local"):
            with self.assertRaisesRegex(mirror.MirrorError, "no address"):
                mirror.Mirror(wrong)


class Processes(unittest.TestCase):
    def test_command_lines_are_told_apart(self) -> None:
        for line, group in {
            "mirror-inference": "inference",
            "/home/pi/smart-mirror/target/release/mirror-inference --camera auto": "inference",
            "/usr/local/bin/mirror-inference edge-tpu-worker": "inference, Edge TPU process",
            "mirror-inference healthcheck": None,
            "mirror-ui": "ui",
            "mirror-sap-simulator": "sap-simulator",
            "mirror-other": None,
            "/usr/lib/chromium/chromium --type=renderer": "browser",
            "/usr/bin/containerd-shim-runc-v2 -id 1": "Docker",
            "labwc": "screen (compositor)",
            "vim mirror-ui": None,
            "": None,
        }.items():
            self.assertEqual(processes.group_of(line.split(" ")), group, line)

    def test_a_name_with_brackets_does_not_shift_the_fields(self) -> None:
        self.assertEqual(processes.parse_stat(STAT.format(utime=30, stime=12, started=999)), (42, 999))

    def test_processes_are_found_and_those_that_ended_passed_over(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            proc = Path(folder)
            for pid, command in (("7", "mirror-ui\0"), ("8", "bash\0"), ("9", "")):
                (proc / pid).mkdir()
                (proc / pid / "cmdline").write_text(command)
            (proc / "7" / "stat").write_text(STAT.format(utime=1, stime=2, started=3))
            (proc / "7" / "status").write_text("Name:\tui\nVmRSS:\t    10 kB\n")
            (proc / "7" / "cgroup").write_text("0::/system.slice/docker-abc.scope\n")
            (proc / "10").mkdir()
            found = processes.snapshot(proc)
        self.assertEqual(found, [processes.Process(7, 3, "ui", 3, 10240, None, True)])

    def test_usage_is_between_two_moments(self) -> None:
        def process(pid: int, started: int, ticks: int) -> processes.Process:
            return processes.Process(pid, started, "ui", ticks, 1000, 600, False)

        before = [process(1, 5, 100), process(2, 5, 100)]
        # The number 2 was given to another process, and 3 is new.
        after = [process(1, 5, 100 + processes.TICKS), process(2, 9, 0), process(3, 9, processes.TICKS)]
        (usage,) = processes.usage(before, after, 4)
        self.assertEqual((usage.group, usage.processes, usage.cores), ("ui", 3, 0.5))
        self.assertEqual((usage.resident, usage.proportional), (3000, 1800))

    def test_waiting_for_a_disk_is_not_busy(self) -> None:
        self.assertEqual(processes.busy_ticks("cpu  1 2 4 1000 2000 8 16 32 0 0\ncpu0 9\n"), 63)


class Machine(unittest.TestCase):
    def root(self, files: dict[str, str]) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            path = Path(folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Path(folder.name)

    def test_throttling_is_read_and_said(self) -> None:
        self.assertEqual(machine.flags("throttled=0x50005"), 0x50005)
        self.assertEqual(machine.flags("50000\n".strip()), 0x50000)
        self.assertIsNone(machine.flags(""))
        self.assertEqual(machine.said(0), "never since power-on")
        text = machine.said(0x50001)
        self.assertEqual(text, "now: under-voltage; since power-on: under-voltage, throttled")
        root = self.root({"sys/devices/platform/soc/soc:firmware/get_throttled": "80000\n"})
        self.assertEqual(machine.throttled(root), 0x80000)

    def test_a_raspberry_pi_is_described(self) -> None:
        root = self.root(
            {
                "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
                "etc/os-release": 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
                "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
                "sys/class/thermal/thermal_zone0/temp": "52582\n",
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1500000\n",
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "1800000\n",
                "proc/meminfo": "MemTotal: 4000 kB\nMemAvailable: 1000 kB\nSwapTotal: 100 kB\nSwapFree: 40 kB\n",
            }
        )
        self.assertTrue(machine.board(root).startswith("Raspberry Pi 4 Model B Rev 1.5, "))
        self.assertTrue(machine.system(root).startswith("Debian GNU/Linux 13 (trixie), kernel "))
        self.assertAlmostEqual(machine.temperature(root) or 0, 52.582)
        self.assertEqual(machine.megahertz(root), (1500, 1800))
        self.assertEqual(machine.memory(root), machine.Memory(4_096_000, 1_024_000, 61_440))

    def test_what_a_device_does_not_say_is_none(self) -> None:
        root = self.root({})
        self.assertEqual((machine.temperature(root), machine.megahertz(root), machine.throttled(root)), (None,) * 3)


class Usb(unittest.TestCase):
    def test_the_coral_and_cameras_are_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.device(folder, "2-1", "18d1", "9302", "5000", ["ff"])
            self.device(folder, "1-1", "046d", "0825", "480", ["0e", "0e", "01"])
            self.device(folder, "1-2", "046d", "c31c", "1.5", ["03"])
            found = usb.devices(Path(folder))
        self.assertEqual([device.id for device in found], ["046d:0825", usb.RUNNING])
        self.assertEqual([device.is_coral for device in found], [False, True])
        self.assertEqual(str(found[1]), "18d1:9302, Thing, USB 3 (5000 Mbit/s), 500mA")

    def device(self, folder: str, path: str, vendor: str, product: str, speed: str, classes: Sequence[str]) -> None:
        home = Path(folder, path)
        home.mkdir()
        for name, text in (("idVendor", vendor), ("idProduct", product), ("speed", speed)):
            (home / name).write_text(text + "\n")
        (home / "product").write_text("Thing\n")
        (home / "bMaxPower").write_text("500mA\n")
        for number, kind in enumerate(classes):
            interface = home / f"{path}:1.{number}"
            interface.mkdir()
            (interface / "bInterfaceClass").write_text(kind + "\n")

    def test_a_coral_without_firmware_says_so(self) -> None:
        self.assertIn("not used since", str(usb.Device(usb.FRESH, "", 480, "500mA")))


class StandOut(unittest.TestCase):
    def test_a_mirror_that_is_well_has_nothing(self) -> None:
        self.assertEqual(said(measurement()), "")

    def test_each_trouble_is_named(self) -> None:
        captured = {"inference": INFERENCE | {"frames_captured": 1000, "frames_dropped": 404}}
        model = REPORT["model"] | {"accelerator": "CPU", "accelerator_problem": "it is gone"}
        slow = [usb.Device(usb.RUNNING, "", 480, "")]
        for words, found in {
            "inference is away": measurement({"inference": None, "model": None}),
            "started anew": measurement({"recommender": REPORT["recommender"] | {"started_at": "2"}}),
            "different versions": measurement({"ui": {"version": "0.2.0"}}),
            "No frame": measurement(frames=[]),
            "a replay's": measurement(frames=[frames.frame(EVENT, 0)]),
            "44% of the frames gave way": measurement(captured),
            "nothing moved": measurement(captured),
            "because: it is gone": measurement({"model": model}),
            "isn't used": measurement({"model": model | {"accelerator_problem": ""}}),
            "on USB 2": measurement(devices=slow),
            "under-voltage": measurement(samples=findings.Samples(throttled=[0x10000])),
            "85 °C": measurement(samples=findings.Samples(temperatures=[70, 85])),
            "tenth of the memory": measurement(memory=machine.Memory(100, 9, 0)),
            "disk is nearly full": measurement({"recommender": REPORT["recommender"] | {"disk_free_bytes": 0}}),
            "More than one mirror": measurement(usages=[processes.Usage("inference", 2, 1, 1, None, False)]),
            "ended": measurement(problem="the stream of frames ended"),
        }.items():
            self.assertIn(words, said(found))


class Report(unittest.TestCase):
    def test_it_says_what_was_measured(self) -> None:
        text = "\n".join(report.lines(measurement(), {"date": "today"}))
        for words in (
            "- date: today",
            "mobilenet, 1024 dimensions, input 224 × 224; on EDGE_TPU (usb 2-1)",
            "Webcam, STREAMING, 640x480 YUYV, 30 fps",
            "| captured                           |    300 |     30.0 |",
            "| recognised                         |    300 |     30.0 |",
            "in containers",
            "16.7 ms a recognised frame",
            "50 °C at first, 60 °C at last, 60 °C at most",
            "never since power-on",
            "USB 3 (5000 Mbit/s)",
            "- Nothing.",
        ):
            self.assertIn(words, text)
        self.assertNotIn("nan", text)

    def test_it_can_be_said_that_nothing_works(self) -> None:
        away = REPORT | {"inference": None, "recommender": None, "gallery": None, "model": None, "cameras": []}
        found = measurement(frames=[], usages=[], before=away, after=away, samples=findings.Samples(), devices=[])
        text = "\n".join(report.lines(found, {}))
        for words in ("inference is away", "recommender is away", "not known", "Nothing was recognised"):
            self.assertIn(words, text)


if __name__ == "__main__":
    unittest.main()
