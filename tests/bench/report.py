# SPDX-License-Identifier: Apache-2.0
"""What was measured, as values and as tables."""

from statistics import median


def measure(name, contestant, unit, values, machines=None):
    """One row: every value of one measure of one contestant, in the order they were taken."""
    return {"measure": name, "contestant": contestant, "machines": machines, "unit": unit, "median": median(values), "values": values}


def target(claim, actual, relation, limit, unit=""):
    """A claim `actual <relation> limit` and whether it holds. relation: '<=' or '>='."""
    holds = actual <= limit if relation == "<=" else actual >= limit
    return {"claim": claim, "actual": actual, "relation": relation, "limit": limit, "unit": unit, "holds": holds}


def median_ratio(values, references):
    """The median of the ratios of what was measured side by side."""
    return median(value / reference for value, reference in zip(values, references))


def print_report(report):
    rows = [("MEASURE", "OF", "MACHINES", "MEDIAN", "", "FROM … TO", "RUNS")]
    for row in report["measures"]:
        low, high = number(min(row["values"])), number(max(row["values"]))
        machines = str(row["machines"] or "")
        rows.append((row["measure"], row["contestant"], machines, number(row["median"]), row["unit"], f"{low} … {high}", str(len(row["values"]))))
    print_table(rows, right={2, 3, 5, 6})
    if report["targets"]:
        print()
        rows = [("TARGET", "MEASURED", "", "LIMIT", "HOLDS")]
        for row in report["targets"]:
            limit = f"{row['limit']}{row['unit']}"
            rows.append((row["claim"], f"{number(row['actual'])}{row['unit']}", row["relation"], limit, "yes" if row["holds"] else "NO"))
        print_table(rows, right={1, 3})


def number(value):
    """Three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def print_table(rows, right):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.rjust(width) if column in right else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths)))
        print("  ".join(cells).rstrip())
