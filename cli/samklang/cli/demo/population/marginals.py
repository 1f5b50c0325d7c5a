"""The figures that the population is drawn from; sources and what is approximate: ``docs/demo-data.md``.

A *curve* is a tuple of (age in whole years, value), read by linear interpolation (of the logit for shares)
and constant beyond its ends. Shares are of the citizens of that age, per year unless said otherwise.
"""

from __future__ import annotations

from typing import Final

Curve = tuple[tuple[float, float], ...]

AGE_SHARES: Final = (
    5.0, 4.9, 5.1, 5.9, 9.9, 9.3, 7.0, 5.9, 5.4, 5.7, 6.1, 6.1, 5.5, 5.0, 4.6, 4.2, 2.6, 1.2, 0.5, 0.1,
)  # fmt: skip
"""Per cent of the residents in 0-4, 5-9, … 95-99 years. FOLK1A, approximate: a university city."""

AGE_SHARES_WEST: Final = (
    5.2, 5.5, 5.9, 6.2, 6.0, 6.3, 6.2, 5.8, 5.7, 6.3, 6.8, 6.9, 6.3, 5.7, 5.2, 4.7, 2.8, 1.5, 0.7, 0.2,
)  # fmt: skip
"""The same in western Jutland. FOLK1A, approximate: 21 per cent aged 65 and over, 5 per cent 80 and over."""

WOMEN: Final[Curve] = ((0, 0.488), (55, 0.50), (75, 0.53), (85, 0.60), (95, 0.72))
"""Share of women. FOLK1A, approximate."""

DISTRICTS: Final = (
    # name, share of residents, tilt to (0-17, 18-29, 30-64, 65+), deprivation in standard deviations
    ("Centrum", 0.165, (0.5, 1.9, 0.9, 0.7), 0.2),
    ("Skibhus", 0.115, (0.9, 1.2, 1.0, 0.9), 0.1),
    ("Bolbro", 0.075, (1.0, 1.0, 1.0, 1.0), 0.5),
    ("Tarup", 0.105, (1.2, 0.7, 1.0, 1.2), -0.5),
    ("Næsby", 0.100, (1.1, 0.7, 1.1, 1.1), -0.1),
    ("Vollsmose", 0.045, (1.6, 1.0, 0.9, 0.6), 1.7),
    ("Seden", 0.070, (1.2, 0.6, 1.1, 1.1), -0.4),
    ("Tornbjerg", 0.085, (1.1, 0.8, 1.0, 1.2), -0.5),
    ("Hjallese", 0.095, (1.0, 0.8, 1.0, 1.3), -0.3),
    ("Dalum", 0.085, (1.0, 0.8, 1.0, 1.3), -0.8),
    ("Bellinge", 0.060, (1.3, 0.5, 1.1, 1.0), -0.3),
)
"""Real names; everything else about them is invented."""
NO_ADDRESS: Final = 0.004

HOME_CARE: Final[Curve] = (
    (18, 0.003), (50, 0.008), (65, 0.022), (75, 0.065), (85, 0.30), (95, 0.62),
)  # fmt: skip
"""Share with help at some time in the year. StatBank AED06: 156,100 citizens in 2022, 2.6 per cent."""
HOME_CARE_MINUTES: Final = (4.06, 1.65)
"""Mean and standard deviation of the logarithm of minutes a week: 67 per cent below 2 hours, 90 per cent
below 8, mean above 3 hours. StatBank AED022 and "Service til ældre 2022"."""

ACUTE: Final[Curve] = (
    (0, 0.10), (10, 0.045), (20, 0.05), (40, 0.05), (60, 0.085), (70, 0.16), (80, 0.31), (90, 0.50),
)  # fmt: skip
PLANNED: Final[Curve] = (
    (0, 0.012), (10, 0.008), (20, 0.012), (40, 0.022), (60, 0.045), (75, 0.07), (90, 0.04),
)  # fmt: skip
"""Admissions per citizen and year. StatBank INDL01: 134 per 1,000 in 2021, about 120 in the Region of
Southern Denmark; births are left out, so these stay below. The split acute/planned is approximate."""
STAY: Final[Curve] = ((0, 1.8), (18, 2.0), (50, 3.2), (65, 5.3), (80, 5.6), (95, 5.8))
"""Mean days of a stay. Local Government Denmark (KL), 2018: 5.3 at 65-79, 5.6 at 80 and over; below 65
approximate."""

PSYCHIATRY: Final[Curve] = ((5, 0.012), (16, 0.045), (25, 0.042), (45, 0.026), (65, 0.014), (90, 0.012))
"""Share in contact with mental health services. About 150,000 citizens in 2022, 2.5 per cent, nine in ten
below 65 (Psykiatrifonden, Danske Regioner)."""
PSYCHIATRIC_CODES: Final = (
    # ICD-10 as the patient register writes it (leading D), weight
    ("DF321", 14), ("DF331", 10), ("DF401", 4), ("DF411", 9), ("DF431", 9), ("DF432", 7),
    ("DF200", 12), ("DF319", 6), ("DF603", 8), ("DF841", 8), ("DF900", 11), ("DF102", 5),
)  # fmt: skip

AFFECTIVE: Final = ("DF321", "DF331", "DF401", "DF411", "DF431", "DF432")
"""Of these codes, stress, anxiety and depression."""

REHABILITATION: Final[Curve] = ((50, 0.10), (65, 0.18), (80, 0.24), (95, 0.20))
"""Share of those acutely admitted who get a plan for rehabilitation in the municipality after it (Health Act
§ 140). Approximate, after the level of StatBank's and the Health Data Authority's figures on genoptræning."""
REHABILITATION_WAIT: Final = (2.2, 0.7)
"""Mean and standard deviation of the logarithm of days from discharge to the first session; the median of
about nine days is at the level of the Health Data Authority's waiting times. Approximate."""

SICK_LEAVE: Final[Curve] = (
    (17, 0.02), (25, 0.07), (40, 0.11), (55, 0.125), (63, 0.11), (67, 0.01), (70, 0.0005),
)  # fmt: skip
"""Share with sickness benefit during the year: about 2 per cent of those aged 16-66 at any time, a quarter
of a year each on average (jobindsats.dk, StatBank SYGDP; approximate)."""
SICK_LEAVE_DAYS: Final = (4.2, 0.95)
"""Mean and standard deviation of the logarithm of a spell's days. Approximate."""
MENTAL_CAUSE: Final = 0.33
"""Share of the spells whose stated reason is mental. Approximate."""

LISTED: Final = 0.90
"""Share of the citizens whose practice takes part. Invented: not every practice has joined."""

MENTAL_DIAGNOSES: Final[tuple[tuple[str, Curve, float], ...]] = (
    # ICPC-2, share of women by age, ratio men to women
    ("P02", ((12, 0.004), (20, 0.020), (35, 0.042), (55, 0.042), (65, 0.018), (90, 0.008)), 0.55),
    ("P74", ((8, 0.004), (18, 0.035), (30, 0.045), (60, 0.035), (90, 0.030)), 0.55),
    ("P76", ((12, 0.006), (20, 0.040), (40, 0.062), (65, 0.060), (80, 0.085), (95, 0.120)), 0.60),
)
"""Known in general practice: acute stress reaction, anxiety, depression. Approximate; 9 per cent of adults
collect antidepressants in a year, 18 per cent above 79, women 12, men 7 (Statistics Denmark, 2021)."""

CHRONIC: Final[tuple[tuple[str, Curve, float], ...]] = (
    # ICPC-2, share by age, strength of the frailty factor
    ("K86", ((18, 0.003), (40, 0.05), (55, 0.19), (70, 0.44), (85, 0.58)), 0.3),
    ("T90", ((18, 0.001), (40, 0.02), (55, 0.062), (70, 0.135), (80, 0.15), (92, 0.11)), 0.5),
    ("R95", ((35, 0.002), (50, 0.018), (65, 0.065), (78, 0.11), (92, 0.085)), 0.65),
    ("R96", ((3, 0.03), (12, 0.065), (30, 0.05), (60, 0.055), (85, 0.05)), 0.3),
    ("L91", ((30, 0.004), (50, 0.055), (65, 0.15), (80, 0.24)), 0.35),
    ("K74", ((35, 0.001), (50, 0.017), (65, 0.066), (80, 0.125), (92, 0.13)), 0.55),
    ("K76", ((35, 0.001), (50, 0.009), (65, 0.040), (80, 0.085), (92, 0.10)), 0.55),
    ("K78", ((35, 0.001), (55, 0.012), (70, 0.06), (80, 0.135), (92, 0.20)), 0.55),
    ("K77", ((35, 0.0005), (55, 0.007), (70, 0.028), (80, 0.065), (92, 0.14)), 0.8),
    ("P70", ((50, 0.0003), (65, 0.006), (75, 0.03), (85, 0.11), (95, 0.24)), 0.7),
)
"""Hypertension, type 2 diabetes, COPD, asthma, osteoarthritis, ischaemic heart disease, atrial
fibrillation, heart failure, dementia. Levels after RUKS (Sundhedsdatastyrelsen) and KL 2023 (a fifth of the
population has one of seven selected conditions, half of those aged 80 and over); approximate."""

MEDICINES: Final[tuple[tuple[str, tuple[str, ...], float, Curve], ...]] = (
    # ATC group, diagnoses it treats, share of those treated, share of the others by age
    ("N06A", ("P76", "P74"), 0.62, ((18, 0.010), (40, 0.025), (65, 0.035), (80, 0.085), (92, 0.11))),
    ("N05B", ("P74", "P02"), 0.12, ((25, 0.003), (60, 0.012), (85, 0.03))),
    ("A10", ("T90",), 0.86, ((18, 0.004), (90, 0.006))),
    ("R03", ("R95", "R96"), 0.74, ((3, 0.02), (40, 0.015), (80, 0.03))),
    ("C09", ("K86", "K77"), 0.72, ((35, 0.004), (65, 0.04), (85, 0.05))),
    ("C10", ("K74", "K76", "T90"), 0.72, ((40, 0.02), (60, 0.12), (75, 0.25), (90, 0.16))),
    ("B01", ("K78", "K74", "K76"), 0.80, ((40, 0.004), (65, 0.06), (85, 0.18))),
    ("C03", ("K77",), 0.78, ((40, 0.006), (65, 0.05), (90, 0.20))),
    ("N02", ("L91",), 0.58, ((18, 0.03), (45, 0.09), (75, 0.24), (92, 0.42))),
    ("A02", (), 0.0, ((18, 0.02), (45, 0.08), (75, 0.21), (92, 0.28))),
    ("J01", (), 0.0, ((2, 0.20), (12, 0.10), (30, 0.19), (70, 0.28), (92, 0.42))),
)
"""ATC groups. Levels after medstat.dk; approximate."""
