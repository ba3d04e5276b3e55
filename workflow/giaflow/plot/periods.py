"""Contributions around instances of patterns, and how their power is spread over periods."""

from giaflow.plot.theme import GREY, PALETTE, empty, panels


def draw_periods(curves, period, shown):
    """A row for each pattern and set of sequences: contributions, and their power by period.

    Parameters
    ----------
    curves : pandas.DataFrame
        Columns ``target``, ``set``, ``pattern``, ``offset``, ``contribution``, ``unit``.
    period : float
        Declared period, in letters.
    shown : callable
        A curve -> periods and the share of its power at each (`giaflow.attribution.periods.shown`).

    Returns
    -------
    matplotlib.figure.Figure
    """
    if curves.empty:
        return empty("No pattern has enough instances in the attributed sequences.")
    groups = list(curves.groupby(["pattern", "set"], sort=False))
    colours = dict(zip(dict.fromkeys(curves["target"]), PALETTE * len(curves), strict=False))
    figure, axes = panels(
        len(groups), 2, 3.4, 2.1, sharex="col", sharey="col", gridspec_kw={"width_ratios": [3, 2]}
    )
    figure.set_size_inches(7.2, 2.1 * len(groups) + 0.4)
    for (left, right), ((pattern, label), rows) in zip(axes, groups, strict=True):
        for target, curve in rows.groupby("target", sort=False):
            _curve(left, right, curve.sort_values("offset"), colours[target], target, shown)
        left.set_yscale("log")
        left.set_title(f"around {pattern} in {label}")
        left.set_ylabel(f"contribution\n({rows['unit'].iloc[0]})")
        right.axvline(period, color=GREY, lw=0.8, ls="--", zorder=0)
        right.set_ylabel("share of power")
    axes[-1, 0].set_xlabel("distance from the pattern's middle (letters)")
    axes[-1, 1].set_xlabel("period (letters)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(4, len(labels)), frameon=False
    )
    return figure


def _curve(left, right, curve, colour, target, shown):
    values = curve["contribution"].to_numpy(float)
    left.plot(curve["offset"], values, color=colour, lw=1, label=target)
    right.plot(*shown(values), "o-", color=colour, ms=3, lw=1)
