#!/bin/sh
# Run a command line with the newest fitting Python: `tools/with_python.sh -m tools.bootstrap run`.
# The environment's own Python comes first, so that a second start does not search.
fits='import sys; sys.exit(not (3, 11) <= sys.version_info)'
for candidate in .venv/bin/python python3.13 python3.12 python3.11 python3 python; do
    if "$candidate" -c "$fits" >/dev/null 2>&1; then
        exec "$candidate" "$@"
    fi
done
echo "需要 Python 3.11 以上，但 PATH 中没有找到：请安装后重试（Debian：apt-get install python3 python3-venv）。" >&2
echo "Python 3.11 or newer is needed and none was found on PATH: install it (Debian: apt-get install python3 python3-venv) and try again." >&2
exit 1
