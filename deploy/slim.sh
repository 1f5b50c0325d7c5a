#!/bin/sh
# Takes out of an environment what no running process reads: tests of libraries, headers, static libraries.
set -eu
packages=$(echo "$1"/lib/python3*/site-packages)
find "$packages" -type d \( -name tests -o -name include \) -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.a' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.pyi' \) -delete
find "$1" -type d -name __pycache__ -prune -exec rm -rf {} +
# Bytecode made here, since a read-only root can't make it later; unchecked, so that it needs no time stamps.
"$1"/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages" || true
