"""Making this machine's certificate for `LAN=1`: prints where things are as JSON, or refuses."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from exam_api.serving.certificate import lan_addresses, lan_tls
from tools.refuse import refuse


def main() -> None:
    """Find or make certificate and authority; `1` stands for the addresses found."""
    folder, asked = sys.argv[1:]
    addresses = lan_addresses() if asked == "1" else [asked]
    if not addresses:
        refuse(
            "LAN=1 需要本机的内网地址，但没有找到：请直接给出，例如 LAN=192.168.1.5。",
            "LAN=1 needs a private address of this machine and none was found: give it, LAN=192.168.1.5.",
        )
    try:
        made = lan_tls(Path(folder), addresses, now=datetime.now(UTC))
    except ValueError:
        refuse(
            f"LAN={asked} 不是地址：请给出本机的内网地址，例如 LAN=192.168.1.5。",
            f"LAN={asked} is not an address: give a private address of this machine, LAN=192.168.1.5.",
        )
    told = {
        "host": addresses[0],
        "certificate": str(made.certificate),
        "key": str(made.key),
        "authority": str(made.authority),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
