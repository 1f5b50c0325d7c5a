"""The released table as an analyst holds it: a DataFrame, files, and the header that says what it means.

A release is one JSON object (RFC 8785). ``cells`` is a list with an object per released cell: ``levels``
(axis name to level id), ``shown``, ``count``, ``count_interval`` ([low, high], 95 %), its ``count_basis``
(what the interval rests on), and per measure its figures; a cell that isn't shown has a ``reason`` instead.
Everything beside ``cells`` is the header: question and documents by digest, who took part, the standard
deviation of the noise, what it cost, what was left out and whose rule that was. The object is kept as it
came; what is computed from it is in :mod:`samklang.analyst.derived`.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from samklang.analyst.release_files import HEADER, SUFFIXES, check_readable, save
from samklang.errors import Language, SamklangError
from samklang.protocol.release_key import RELEASE_VERSION

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

VERSION = RELEASE_VERSION
"""The form this version reads."""


class Release:
    """One released table; make it with :func:`read_release`.

    Attributes:
        document: the whole object, plain JSON values; of a release that was fetched for a query also that
            query's own ``query`` (digest), ``title``, ``purpose`` and ``served_from``.
        receipts: as they came with it; empty if it was read from a file.
        source: its bytes, as the coordinator stored them.
    """

    def __init__(self, document: dict[str, Any], source: bytes, receipts: bytes = b"") -> None:
        self.document = document
        self.receipts = receipts
        self.source = source

    def named(self, asked: Mapping[str, Any]) -> Release:
        """The same bytes with what belongs to the query they were fetched for."""
        return Release(self.document | dict(asked), self.source, self.receipts)

    @property
    def header(self) -> dict[str, Any]:
        """Everything but the cells."""
        return {key: value for key, value in self.document.items() if key != "cells"}

    @property
    def axes(self) -> list[str]:
        """Names of the axes, in the query's order."""
        # Not from the cells: canonical JSON sorts their keys.
        return [axis["name"] for axis in self.document["axes"]]

    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping per cell: an axis per key, ``count``, ``count_low``, ``count_high``, …"""
        return [_flat(cell, self.axes) for cell in self.document["cells"]]

    def to_pandas(self) -> pd.DataFrame:
        """A row per cell. Axes are ordered categories, counts are Int64 (missing where not shown), sums
        and means are floats; why something isn't shown and what an interval rests on stands in
        the last columns, the header in ``frame.attrs``."""
        import pandas as pd

        columns = None if self.document["cells"] else [*self.axes, "shown", "count"]
        frame = pd.DataFrame(self.rows(), columns=columns)
        for axis in self.document["axes"]:
            levels = [level["id"] for level in axis["levels"]]
            frame[axis["name"]] = pd.Categorical(frame[axis["name"]], categories=levels, ordered=True)
        notes = [c for c in frame.columns if c.endswith(_NOTES)]
        frame = frame[[*(c for c in frame.columns if c not in notes), *notes]]
        for column in frame.columns:
            if column.endswith(_WHOLE) and (frame[column].dropna() % 1 == 0).all():
                frame[column] = frame[column].astype("Int64")
        frame.attrs = dict[Hashable, Any](self.header.items())
        return frame

    def to_json(self, path: Path | str) -> None:
        """Write the bytes as the coordinator stored them."""
        Path(path).write_bytes(self.source)

    def to_csv(self, path: Path | str) -> None:
        """Write the table, UTF-8, and the header beside it as ``NAME.header.json``."""
        frame = self.to_pandas()
        frame.to_csv(path, index=False, lineterminator="\n")
        beside = Path(path).with_suffix(HEADER)
        beside.write_text(json.dumps(self.header, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def to_parquet(self, path: Path | str) -> None:
        """Write the table, with the header as ``samklang`` in the file's own metadata."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        frame = self.to_pandas()
        frame.attrs = {}
        table = pa.Table.from_pandas(frame, preserve_index=False)
        header = json.dumps(self.header, ensure_ascii=False).encode()
        pq.write_table(
            table.replace_schema_metadata({**(table.schema.metadata or {}), b"samklang": header}), path
        )

    def save(self, path: Path | str) -> Path:
        """Write in the format that the file's name ends in, and the receipts beside it as
        ``NAME.receipt.json`` (``samklang audit receipt`` verifies them).

        Raises:
            SamklangError: ``client-save-format``, ``client-save-file``.
        """
        save(self, Path(path))
        return Path(path)

    def save_all(self, stem: Path) -> list[Path]:
        """Write ``STEM.csv``, ``STEM.parquet`` and ``STEM.json``."""
        return [self.save(stem.with_name(stem.name + suffix)) for suffix in SUFFIXES]

    def to_text(self, most: int = 60, lang: Language = "en", *, ids: bool = False, width: int = 100) -> str:
        """The table for a terminal: at most ``most`` of the cells that are shown; what isn't, why, and whose
        rule that is.

        Args:
            ids: axes, levels and measures as documents name them, in place of their labels.
            width: columns that it may take.
        """
        from samklang.analyst.release_table import Reader
        from samklang.analyst.release_text import release_text

        return release_text(self, most, Reader(lang, ids, width))

    def quantiles(self) -> pd.DataFrame:
        """A row per axis of ranges, stratum and quartile; see :func:`samklang.analyst.derived.quantiles`."""
        from samklang.analyst.derived import quantiles

        return quantiles(self)

    def margin(self) -> pd.DataFrame:
        """The margin, if the question asked for one (``report_by``), as :meth:`to_pandas` gives the table."""
        from samklang.analyst.derived import margin

        return margin(self)

    def simultaneous(self, cells: int | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """Counts with intervals that hold together; see :func:`samklang.analyst.derived.simultaneous`."""
        from samklang.analyst.derived import simultaneous

        return simultaneous(self, cells, confidence)

    def merged(self, by: Sequence[str]) -> pd.DataFrame:
        """Sums of the cells shown; see :func:`samklang.analyst.derived.merged`."""
        from samklang.analyst.derived import merged

        return merged(self, by)

    def shares(self, within: Sequence[str] = ()) -> pd.DataFrame:
        """Each cell's share of those shown; see :func:`samklang.analyst.derived.shares`."""
        from samklang.analyst.derived import shares

        return shares(self, within)

    def standardised(self, of: str, event: Sequence[str], by: str) -> pd.DataFrame:
        """Indirectly standardised ratios; see :func:`samklang.analyst.derived.standardised`."""
        from samklang.analyst.derived import standardised

        return standardised(self, of, event, by)

    def plot(self, lang: Language = "en", measure: str | None = None, title: str | None = None) -> Figure:
        """A picture of the table, see :func:`samklang.analyst.picture.plot`.

        Raises:
            SamklangError: ``client-plot-*``; without matplotlib, what to install.
        """
        from samklang.analyst.picture import plot

        return plot(self, lang, measure, title)

    def _repr_html_(self) -> str:
        from samklang.analyst.release_html import release_html

        return release_html(self)

    def __repr__(self) -> str:
        return f"<Release: {len(self.document['cells'])} cells, axes {', '.join(self.axes)}>"


def read_release(source: bytes | Path | str, receipts: bytes = b"") -> Release:
    """A release from its bytes or from a file that :meth:`Release.to_json` wrote.

    Raises:
        SamklangError: ``client-file``, ``client-release-format``; ``client-release-part``: the file holds the
            table or the header alone.
    """
    if isinstance(source, bytes):
        data = source
    else:
        check_readable(Path(source))
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            problem = error.strerror or "unreadable"
            raise SamklangError("client-file", file=Path(source).name, problem=problem) from None
    try:
        document = json.loads(data)
    except ValueError:
        raise SamklangError("client-release-format", problem="it is not JSON") from None
    if wrong := _problem(document):
        raise SamklangError("client-release-format", problem=wrong)
    return Release(document, data, receipts)


def _problem(document: Any) -> str | None:
    """What keeps ``document`` from being a release, or None."""
    if not isinstance(document, dict) or document.get("version") != VERSION:
        return f"it is not {VERSION}"
    axes, cells = document.get("axes"), document.get("cells")
    if not isinstance(axes, list) or not all(
        isinstance(a, dict) and {"name", "levels"} <= a.keys() for a in axes
    ):
        return "it has no list of axes"
    names = {axis["name"] for axis in axes}
    if not _objects(cells) or not all({*cell.get("levels", ())} == names for cell in cells):
        return "it has no list of cells"
    return None


def _objects(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


_NOTES: Final = ("reason", "_basis")
"""Columns in words, behind the figures."""
_WHOLE: Final = ("count", "count_low", "count_high", "merged")
_ORDER: Final = {"sum": 0, "mean": 1, "count": 2}


def _flat(cell: Mapping[str, Any], axes: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {axis: cell["levels"][axis] for axis in axes}
    # Canonical JSON sorts keys; a table begins with what is most looked at.
    first = [key for key in ("shown", "count", "count_interval") if key in cell]
    for key in [*first, *(key for key in cell if key not in first and key != "levels")]:
        row |= _figures(key, cell[key])
    return row


def _figures(name: str, value: Any) -> dict[str, Any]:
    """``x_interval: [a, b]`` becomes ``x_low`` and ``x_high``; an object's keys follow its name."""
    if isinstance(value, Mapping):
        return {
            key: figure
            for part, inner in sorted(value.items(), key=lambda item: _ORDER.get(item[0].split("_")[0], 3))
            for key, figure in _figures(f"{name}_{part}", inner).items()
        }
    if isinstance(value, list) and len(value) == 2:
        stem = name.removesuffix("_interval")
        return {f"{stem}_low": _number(value[0]), f"{stem}_high": _number(value[1])}
    return {name: _number(value)}


def _number(value: Any) -> Any:
    """Decimals stand as texts in a release."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
