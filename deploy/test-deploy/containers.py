"""Is a container of the mirror's as shut in as compose.yaml means it to be?

    containers.py SERVICE PROJECT INSPECTED STATUS

INSPECTED is the output of `docker inspect`, STATUS /proc/PID/status of its process:
what was asked for, and what the kernel made of it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Where each may write. All else that is mounted is for reading.
WRITABLE = {
    "inference": set[str](),
    "recommender": {"/var/lib/smart-mirror"},
    "ui": {"/var/lib/smart-mirror"},
    "sap-simulator": set[str](),
}
NETWORKS = {
    "inference": {"inside"},
    "recommender": {"inside", "provider"},
    "ui": {"inside", "page"},
    "sap-simulator": {"inside", "page"},
}
# Character devices: video4linux, and USB.
DEVICES = {"inference": ["c 81:* rw", "c 189:* rw"]}
MOST_MEMORY = 1 << 30


def faults(service: str, project: str, told: dict[str, Any], status: dict[str, str]) -> Iterator[str]:
    host, config = told["HostConfig"], told["Config"]

    if set(status["Uid"].split()) != {"10001"}:
        yield f"it runs as {status['Uid']}"
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if int(status[kind], 16):
            yield f"{kind} is {status[kind]}"
    if status["NoNewPrivs"] != "1":
        yield "it may get new rights"
    if status["Seccomp"] != "2":
        yield "no filter of system calls"

    if not host["ReadonlyRootfs"]:
        yield "its root can be written"
    if host["Privileged"] or host["PidMode"] or host["IpcMode"] == "host" or host["NetworkMode"] == "host":
        yield "it shares more with this machine than it should"
    if host["Devices"]:
        yield f"devices: {host['Devices']}"
    if (host["DeviceCgroupRules"] or []) != DEVICES.get(service, []):
        yield f"rules for devices: {host['DeviceCgroupRules']}"
    for mount in told["Mounts"]:
        if mount["RW"] and mount["Destination"] not in WRITABLE[service]:
            yield f"it can write to {mount['Destination']}"
        if mount["Destination"] == "/dev" and service != "inference":
            yield "it sees this machine's devices"
        if mount["Source"].endswith("docker.sock"):
            yield "it has the engine's socket"

    if not 0 < host["Memory"] <= MOST_MEMORY:
        yield f"memory limit: {host['Memory']}"
    if not host["PidsLimit"]:
        yield "no limit of processes"
    log = host["LogConfig"]
    if log["Type"] != "json-file" or not log["Config"].get("max-size") or not log["Config"].get("max-file"):
        yield f"its log may grow: {log}"
    if host["RestartPolicy"]["Name"] != "unless-stopped":
        yield f"restart policy: {host['RestartPolicy']}"

    networks = set(told["NetworkSettings"]["Networks"])
    if networks != {f"{project}_{name}" for name in NETWORKS[service]}:
        yield f"networks: {networks}"
    for setting in config["Env"]:
        name, _, value = setting.partition("=")
        if value and name.endswith(("PASSWORD", "TOKEN", "SECRET")):
            yield f"a secret is in its environment: {name}"


def main() -> None:
    service, project, inspected, status_file = sys.argv[1:]
    (told,) = json.loads(Path(inspected).read_text())
    lines = Path(status_file).read_text().splitlines()
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    found = list(faults(service, project, told, status))
    if found:
        sys.exit("\n".join(f"{service}: {fault}" for fault in found))


if __name__ == "__main__":
    main()
