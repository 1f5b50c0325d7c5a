#!/bin/sh
# Makes the environment of one image from uv.lock, in the build stage of the Dockerfile.
#
#   image.sh packages EXTRA...   the locked packages, checked against their hashes
#   image.sh project EXTRA...    the project, its bill of materials, and then out with what nobody runs
set -eu
step=$1
shift
extras=""
for extra in "$@"; do extras="$extras --extra $extra"; done
uv=/opt/uv/bin/uv
environment=$UV_PROJECT_ENVIRONMENT

if [ "$step" = packages ]; then
  # shellcheck disable=SC2086  # several words are meant
  exec $uv sync --frozen --no-cache --no-dev --no-install-project $extras
fi

# shellcheck disable=SC2086
$uv sync --frozen --no-cache --no-dev --no-editable $extras
mkdir -p "$environment/share"
# shellcheck disable=SC2086
$uv export --frozen --quiet --no-dev $extras --format cyclonedx1.5 \
  --output-file "$environment/share/sbom.cdx.json" > /dev/null 2>&1

packages=$(echo "$environment"/lib/python3*/site-packages)
find "$packages" -type d \( -name tests -o -name include \) -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.a' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.pyi' \) -delete
# Arrow's clients of network services: nothing here talks to any of them.
rm -f "$packages"/pyarrow/libarrow_flight* "$packages"/pyarrow/_flight* "$packages"/pyarrow/_s3fs* \
  "$packages"/pyarrow/libarrow_s3* "$packages"/pyarrow/_azurefs* "$packages"/pyarrow/_gcsfs*
# Symbols that only a debugger reads are 40 % of this one. (Libraries that were moved into wheels by patching
# don't survive it.)
strip --strip-unneeded "$packages"/opendp/lib/*.so
find "$environment/bin" -type f ! -name samklang ! -name 'python*' -delete
find "$environment" -type d -name __pycache__ -prune -exec rm -rf {} +
# Compiled here, since a read-only root can't be written to later; unchecked: these files don't change.
"$environment"/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages"
# What was taken out must not be missed: everything that a process imports on its way.
"$environment"/bin/python - "$1" <<'IMPORTS'
import sys
import pyarrow.dataset, pyarrow.parquet, pandas, opendp.prelude, cryptography, grpc.aio, prometheus_client
import samklang.cli.main, samklang.privacy.noise
if sys.argv[1] == "node":
    import duckdb, ibis, psycopg, samklang.node.attempt, samklang.node.data.snapshot
else:
    import samklang.coordinator.attempt
IMPORTS
