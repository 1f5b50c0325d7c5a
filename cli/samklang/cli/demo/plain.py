"""Every variable of both federations' codebooks once more, in plain pandas over the generated files.

Written from what the variables mean and not from their SQL, so that :mod:`samklang.cli.demo.exact` is a
check of its own. A *value* is a Series indexed by CPR number (int64), without those who have none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from samklang.cli.demo.population.settings import ODENSE, Setting
from samklang.errors import SamklangError
from samklang.model.query import Period

Values: TypeAlias = Any
"""A pandas Series; the stubs know less of its methods than pandas does."""
CHRONIC = ("T90", "R95", "R96", "K77", "K74", "K86", "K78", "L91", "P70", "P76")
MENTAL = ("P02", "P74", "P76")
AFFECTIVE = ("DF32", "DF33", "DF40", "DF41", "DF43")
MUNICIPAL = ("citizen", "home_care", "rehabilitation", "sickness_benefit")
HOSPITAL = ("admission", "psychiatric_contact")
DATES = {"born", "moved_out", "day", "started", "ended", "admitted", "discharged", "since", "first_day"}


@dataclass(frozen=True)
class Tables:
    """The generated files of one folder, read when asked for, without those who objected there.

    A municipality speaks for its own citizens alone: of those who have moved away it says nothing.
    ``left_out``: folders of practices that haven't joined.
    """

    folder: Path
    period: Period
    setting: Setting = ODENSE
    left_out: frozenset[str] = frozenset()
    _read: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, name: str) -> pd.DataFrame:
        """One logical table over all its files.

        Raises:
            SamklangError: ``demo-data-missing``.
        """
        if name not in self._read:
            files = []
            for place in self._places(name):
                if not (found := sorted((self.folder / place).glob(f"{name}.*"))):
                    raise SamklangError("demo-data-missing", file=f"{place}/{name}")
                files += found
            self._read[name] = pd.concat([self._table(file) for file in files], ignore_index=True)
        return self._read[name]

    def _places(self, name: str) -> tuple[str, ...]:
        if name in MUNICIPAL:
            return tuple(m.folder for m in self.setting.municipalities)
        if name in HOSPITAL:
            return (self.setting.hospital,)
        return tuple(p for p in (*self.setting.practices, *self.setting.later) if p not in self.left_out)

    def _table(self, file: Path) -> pd.DataFrame:
        table = _read(file)
        if file.stem not in MUNICIPAL:
            return table
        citizens = _read(file.parent / "citizen.csv")
        here = citizens["moved_out"].isna() | (citizens["moved_out"] > self.as_of)
        return table[table["cpr"].isin(citizens.loc[here, "cpr"])]

    @property
    def start(self) -> pd.Timestamp:
        return pd.Timestamp(self.period.from_)

    @property
    def stop(self) -> pd.Timestamp:
        return pd.Timestamp(self.period.until)

    @property
    def as_of(self) -> pd.Timestamp:
        return pd.Timestamp(self.period.as_of)

    def within(self, table: pd.DataFrame, column: str) -> pd.DataFrame:
        """Rows whose date lies in the half-open period."""
        return table[(table[column] >= self.start) & (table[column] < self.stop)]


def _read(file: Path) -> pd.DataFrame:
    objectors = pd.read_csv(file.parent / "objections.csv", dtype=str, sep=";")["cpr"]
    if file.suffix == ".parquet":
        table = pd.read_parquet(file)
    else:
        table = pd.read_csv(file, sep=";", dtype={"cpr": str}, keep_default_na=False, na_values={})
    for column in DATES & set(table.columns):
        table[column] = pd.to_datetime(table[column].replace("", None))
    # As whole numbers: pandas joins those several times faster than texts.
    table["cpr"] = table["cpr"].astype("int64")
    return table[~table["cpr"].isin(objectors.astype("int64"))]


def population(tables: Tables, sector: str) -> pd.Index[Any]:
    """CPR numbers of those who have a row in ``sector``.

    Raises:
        SamklangError: ``demo-no-definition``.
    """
    if sector == "kommune":
        residents: pd.Index[Any] = pd.Index(tables("citizen")["cpr"])
        return residents
    names = {"hospital": "admission", "psykiatri": "psychiatric_contact", "almen-praksis": "listed_patient"}
    if sector not in names:
        raise SamklangError("demo-no-definition", name=sector)
    known: pd.Index[Any] = pd.Index(tables(names[sector])["cpr"].unique())
    return known


def value(tables: Tables, variable: str, sector: str, side: str = "") -> Values:
    """What ``sector`` knows of ``variable`` (of an interval's ``side``, ``start`` or ``end``).

    Raises:
        SamklangError: ``demo-no-definition``.
    """
    found = PLAIN.get((variable, side or sector))
    if found is None:
        raise SamklangError("demo-no-definition", name=f"{variable} ({side or sector})")
    return found(tables)


def _birthdays(born: Values, day: pd.Timestamp) -> Values:
    had = born.dt.month * 100 + born.dt.day <= day.month * 100 + day.day
    return day.year - born.dt.year - (~had).astype(int)


def _age(tables: Tables) -> Values:
    citizens = tables("citizen").set_index("cpr")
    return _birthdays(citizens["born"], tables.as_of)


def _years_at_hospital(tables: Tables) -> Values:
    return tables.as_of.year - tables("admission").groupby("cpr")["born"].min().dt.year


def _years_in_practice(tables: Tables) -> Values:
    return tables.as_of.year - tables("listed_patient").set_index("cpr")["born"].dt.year


def _help(tables: Tables) -> pd.DataFrame:
    weeks = tables.within(tables("home_care"), "day")
    return weeks[weeks["minutes"] > 0]


def _weeks_of_help(tables: Tables) -> Values:
    weeks = _help(tables)
    monday = weeks["day"] - pd.to_timedelta(weeks["day"].dt.day_of_week, unit="D")
    return monday.groupby(weeks["cpr"]).nunique()


def _minutes_a_week(tables: Tables) -> Values:
    total = tables.within(tables("home_care"), "day").groupby("cpr")["minutes"].sum()
    return total * 7 // (tables.stop - tables.start).days


def _days_of_benefit(tables: Tables, reason: str | None = None) -> Values:
    spells = tables("sickness_benefit")
    if reason is not None:
        spells = spells[spells["reason"] == reason]
    touching = spells[
        (spells["started"] < tables.stop) & (spells["ended"].isna() | (spells["ended"] > tables.start))
    ]
    started: Values = touching["started"]
    ended: Values = touching["ended"]
    first, last = started.clip(lower=tables.start), ended.fillna(tables.stop).clip(upper=tables.stop)
    return (last - first).dt.days.groupby(touching["cpr"]).sum()


def _mentally_ill_at_work(tables: Tables) -> Values:
    return (_days_of_benefit(tables, "psykisk") >= 28).astype(int)


def _acute(tables: Tables) -> Values:
    stays = tables.within(tables("admission"), "admitted")
    return stays[stays["acute"]].groupby("cpr").size()


def _back_soon(tables: Tables) -> Values:
    """Acute stays that began within 30 days of an earlier discharge; the earlier one may be planned."""
    stays = tables("admission").sort_values(["cpr", "admitted", "discharged"])
    before: Values = stays.groupby("cpr")["discharged"].shift()
    days = (stays["admitted"] - before).dt.days
    again = stays["acute"] & days.between(0, 30)
    again &= (stays["admitted"] >= tables.start) & (stays["admitted"] < tables.stop)
    return again.groupby(stays["cpr"]).any().astype(int)


def _acute_discharges(tables: Tables) -> Values:
    stays = tables.within(tables("admission").query("acute"), "discharged")
    return stays.groupby("cpr")["discharged"].min()


def _bed_days(tables: Tables) -> Values:
    stays = tables.within(tables("admission"), "discharged")
    return (stays["discharged"] - stays["admitted"]).dt.days.groupby(stays["cpr"]).sum()


def _codes(tables: Tables, wanted: tuple[str, ...]) -> Values:
    known = tables("practice_diagnosis")
    known = known[(known["since"] <= tables.as_of) & known["icpc2"].isin(wanted)]
    return known.groupby("cpr")["icpc2"].nunique()


def _medicines(tables: Tables) -> Values:
    found = tables.within(tables("prescription"), "first_day")
    return found[found["dispensings"] > 0].groupby("cpr")["atc"].nunique()


def _affective(tables: Tables) -> Values:
    contacts = tables.within(tables("psychiatric_contact"), "day")
    return contacts[contacts["icd10"].str[:4].isin(AFFECTIVE)].groupby("cpr").size()


def _talks(tables: Tables) -> Values:
    contacts = tables.within(tables("practice_contact"), "day")
    return contacts[contacts["kind"] == "samtaleterapi"].groupby("cpr").size()


def _is_there(values: Values, worth: int) -> Values:
    return (values > 0).astype(int) * worth


def _points(values: Values, one: int, two: int) -> Values:
    return (values >= one).astype(int) + (values >= two).astype(int)


PLAIN: dict[tuple[str, str], Callable[[Tables], Values]] = {
    ("age", "kommune"): _age,
    ("age_at_hospital", "hospital"): _years_at_hospital,
    ("age_in_practice", "almen-praksis"): _years_in_practice,
    ("area", "kommune"): lambda t: t("citizen").set_index("cpr")["area"],
    ("sex", "kommune"): lambda t: t("citizen").set_index("cpr")["sex"],
    ("home_care", "kommune"): _weeks_of_help,
    ("home_care_minutes", "kommune"): _minutes_a_week,
    ("sick_leave", "kommune"): _days_of_benefit,
    ("mental_sick_leave", "kommune"): _mentally_ill_at_work,
    ("acute_admissions", "hospital"): _acute,
    ("bed_days", "hospital"): _bed_days,
    ("chronic_conditions", "almen-praksis"): lambda t: _codes(t, CHRONIC),
    ("medicines", "almen-praksis"): _medicines,
    ("mental_diagnosis", "almen-praksis"): lambda t: _is_there(_codes(t, MENTAL), 1),
    ("mental_contacts", "psykiatri"): _affective,
    ("mental_contacts", "almen-praksis"): _talks,
    ("need", "kommune"): lambda t: _points(_help(t).groupby("cpr")["minutes"].sum(), 1, 120 * 26),
    ("need", "hospital"): lambda t: _points(_acute(t), 1, 2),
    ("need", "almen-praksis"): lambda t: _points(_codes(t, CHRONIC), 2, 4),
    ("known_to", "kommune"): lambda t: _mentally_ill_at_work(t),
    ("known_to", "psykiatri"): lambda t: _is_there(_affective(t), 2),
    ("known_to", "almen-praksis"): lambda t: _is_there(_codes(t, MENTAL), 4),
    ("readmitted", "hospital"): _back_soon,
    ("discharge_to_home_care", "start"): _acute_discharges,
    ("discharge_to_rehabilitation", "start"): _acute_discharges,
    ("discharge_to_rehabilitation", "end"): lambda t: (
        t.within(t("rehabilitation"), "day").groupby("cpr")["day"].min()
    ),
    ("discharge_to_home_care", "end"): lambda t: t.within(t("home_care"), "day").groupby("cpr")["day"].min(),
}
"""(variable, sector) or (interval, side) → its plain definition."""
