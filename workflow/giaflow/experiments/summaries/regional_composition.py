"""How much a fill of a region changes what is predicted with the pattern, as a share of its effect.

The figures of Koo et al. 2021 (PLOS Comput Biol 17:e1008925) for 244 proteins: `fill_gain` is the
pattern with the fill minus the pattern alone, `fill_bias` is minus that over the pattern's effect
(negative: the fill adds), and `end_bias` the 3' construct minus the 5' construct over the same. A
ratio of means has Fieller's interval, and is masked where the pattern has no clear effect.
"""

from giaflow.experiments.summaries import chosen, share
from giaflow.statistics.contrasts import EFFECT, Contrast, Result


def summarise(settings, contrasts, effects, inference):
    """Gain and bias of each fill in each region, and the bias between the ends."""
    (alone,) = chosen(contrasts, EFFECT, arm="pattern")
    pattern, found, regions = effects[alone], [], {}
    for k in chosen(contrasts, EFFECT, pattern_present="pattern"):
        if k == alone:
            continue
        labels = contrasts[k].labels
        gain = effects[k] - pattern
        regions[labels["fill"], labels["region"]] = k
        found.append(Result(labels, "fill_gain", inference.mean(gain)))
        found.append(share(contrasts[k], "fill_bias", -gain, pattern, inference))
    for fill in dict.fromkeys(fill for fill, _ in regions):
        right, left = regions[fill, "3'"], regions[fill, "5'"]
        labels = {**contrasts[right].labels, "arm": f"3' minus 5' {fill}", "region": None}
        ends = Contrast(labels, {})
        found.append(share(ends, "end_bias", effects[right] - effects[left], pattern, inference))
    return found
