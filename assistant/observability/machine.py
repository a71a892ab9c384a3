"""How the machine is: load, memory, disk. What a system does not tell is None, never 0."""

import os
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Machine(BaseModel):
    """The machine as it is now."""

    model_config = ConfigDict(frozen=True)

    cores: int | None = None
    load_1_min: float | None = Field(None, description="Processes that ran or waited to run, mean of a minute")
    process_cpu_s: float = Field(description="CPU time this process has used, seconds")
    process_memory_bytes: int | None = None
    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None
    disk_total_bytes: int = Field(description="Of the disk that holds DATA_DIR")
    disk_free_bytes: int


def look_at_machine(data_dir: Path) -> Machine:
    """Load, memory, and the disk of the data folder."""
    disk = shutil.disk_usage(data_dir)
    memory = _amounts(Path("/proc/meminfo"))
    times = os.times()
    return Machine(
        cores=os.cpu_count(),
        load_1_min=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        process_cpu_s=round(times.user + times.system, 2),
        process_memory_bytes=_amounts(Path("/proc/self/status")).get("VmRSS"),
        memory_total_bytes=memory.get("MemTotal"),
        memory_available_bytes=memory.get("MemAvailable"),
        disk_total_bytes=disk.total,
        disk_free_bytes=disk.free,
    )


def _amounts(path: Path) -> dict[str, int]:
    """The lines "Name: 123 kB" of a file of the kernel, in bytes; nothing where there is no such file."""
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        parts = rest.split()
        if len(parts) == 2 and parts[1] == "kB":
            found[name] = int(parts[0]) * 1024
    return found
