"""Names that the tables of several stages share."""

UNKNOWN_OUTLET = "(unknown outlet)"
ALL_VOICES = "all"
TOTAL = "all"
OTHERS = "all others"
OK, THIN, WITHHELD = "ok", "thin", "withheld"
