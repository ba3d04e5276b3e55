"""Tiles of real sequences in other contexts, moved and searched, on models with known answers."""

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform
from test_single import linear

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.edits.replace import Graft, donors_of, keep_windows, replace_windows, sharing
from giaflow.experiments import REGISTRY
from giaflow.models.formula_model import FormulaModel

LENGTH, WIDTH, N, DONORS = 47, 9, 61, 211
VALUES = np.array([0.5, 3.0, 0.25, 2.0, 1.0])


def tiled(join):
    """A model of tiles that are all A: `join` of their values (N, tiles) -> (N,)."""

    def formula(x):
        tiles = x[:, : WIDTH * len(VALUES), 0].reshape(len(x), len(VALUES), WIDTH)
        whole = tiles.all(axis=2)
        return np.stack([join(whole * VALUES), 2 * join(whole * VALUES)], axis=1)

    return FormulaModel(formula, LENGTH, ("one", "two"))


def additive():
    return tiled(lambda values: 7 + values.sum(axis=1))


def multiplicative():
    return tiled(lambda values: np.prod(1 + values, axis=1))


def marked(n=N):
    """Sequences that hold all tiles, and donors that hold none."""
    return np.zeros((n, LENGTH), np.uint8)


def donors(rng):
    return rng.integers(1, 4, (DONORS, LENGTH), dtype=np.uint8)


class TestGraft:
    def test_windows_are_replaced_or_kept_and_nothing_else(self, rng):
        codes, others = uniform(rng, N), uniform(rng, DONORS)
        own = others[donors_of(np.arange(N), 1, 3, DONORS)]
        replaced = replace_windows([[[5, 17]]], 1, 3).apply(codes, others)
        assert np.array_equal(replaced[:, 5:17], own[:, 5:17])
        assert np.array_equal(np.delete(replaced, range(5, 17), 1),
                              np.delete(codes, range(5, 17), 1))  # fmt: skip
        kept = keep_windows([[[5, 17]]], 1, 3).apply(codes, others)
        assert np.array_equal(kept[:, 5:17], codes[:, 5:17])
        assert np.array_equal(np.delete(kept, range(5, 17), 1), np.delete(own, range(5, 17), 1))
        assert np.array_equal(keep_windows([[]], 1, 3).apply(codes, others), own)

    def test_parts_move_and_differ_between_sequences(self, rng):
        codes, others = uniform(rng, 5), uniform(rng, 13)
        parts = [[[0, 3, 10], [3, 7, 20]], [[1, 4, 30], [3, 7, 40]]]
        found = Graft(parts, "own", "next").apply(codes, others)
        for n in range(5):
            expected = codes[(n + 1) % 5].copy()
            for start, stop, place in parts[n % 2]:
                expected[place : place + stop - start] = codes[n, start:stop]
            assert np.array_equal(found[n], expected)

    @pytest.mark.parametrize(("n", "draws", "number"), [(20, 5, 100), (17, 5, 89), (100, 10, 1000)])
    def test_no_donor_serves_two_sequences_if_there_are_enough(self, n, draws, number):
        used = [donors_of(np.arange(n), draw, draws, number) for draw in range(draws)]
        assert len(np.unique(used)) == n * draws

    @pytest.mark.parametrize("number", [20, 60, 100, 300, 1000, 1009])
    def test_draws_of_one_sequence_have_different_donors(self, number):
        used = np.array([donors_of(np.arange(500), draw, 10, number) for draw in range(10)])
        assert all(len(np.unique(column)) == 10 for column in used.T)

    def test_fewer_backgrounds_than_draws_are_refused(self, rng):
        with pytest.raises(InputError, match=r"5 draws need at least 10 backgrounds, but .* has 9"):
            keep_windows([[]], 0, 5).apply(uniform(rng, 7), uniform(rng, 9))


CONTEXT = {"sequences": ["s"], "tiles": {"a": [9, 18], "b": [27, 36]}, "draws": 3}


class TestContext:
    def test_an_additive_model_needs_no_context(self, rng):
        table = run("context", CONTEXT, additive(), marked(), donors=donors(rng))
        for tile, value in (("a", 3.0), ("b", 2.0)):
            rows = pick(table, tile=tile, target="one").set_index("estimand")["estimate"]
            for test in ("necessity", "sufficiency", "swap"):
                assert rows[test] == pytest.approx(value)
            assert rows["dependence"] == pytest.approx(VALUES.sum() - value)
            assert rows["specificity"] == pytest.approx(0)
            assert rows["necessity_share"] == pytest.approx(value / VALUES.sum())
            assert rows["sufficiency_share"] == pytest.approx(value / VALUES.sum())
            assert rows["kept_over_intact"] == pytest.approx((7 + value) / (7 + VALUES.sum()))
        assert one(table, estimand="total", target="two").estimate == pytest.approx(13.5)
        row = one(table, estimand="swap", tile="a", target="one")
        assert row.n == N // 2

    def test_a_multiplicative_model_does(self, rng):
        table = run("context", CONTEXT, multiplicative(), marked(), donors=donors(rng))
        rows = pick(table, tile="a", target="one").set_index("estimand")["estimate"]
        whole = np.prod(1 + VALUES)
        assert rows["necessity"] == pytest.approx(whole * 3 / 4)
        assert rows["sufficiency"] == pytest.approx(3)
        assert rows["kept_over_intact"] == pytest.approx(4 / whole)
        assert rows["sufficiency_share"] == pytest.approx(3 / (whole - 1))

    def test_a_tile_means_more_in_its_own_context_where_contexts_match_tiles(self, rng):
        """f = both tiles hold the same letter; each sequence has one letter throughout."""
        codes = np.repeat(np.arange(N, dtype=np.uint8) % 4, LENGTH).reshape(N, LENGTH)

        def formula(x):
            same = np.einsum("na,na->n", x[:, 10], x[:, 30])
            return np.stack([same, same], axis=1)

        model = FormulaModel(formula, LENGTH, ("one", "two"))
        settings = {**CONTEXT, "tiles": {"a": [9, 18]}, "draws": 5}
        table = run("context", settings, model, codes, donors=uniform(rng, 1009))
        rows = pick(table, tile="a", target="one").set_index("estimand")
        # The next sequence never has the same letter: there a redrawn tile fits a quarter.
        assert rows.loc["necessity", "estimate"] == pytest.approx(0.75, abs=0.08)
        assert rows.loc["swap", "estimate"] == pytest.approx(-0.25, abs=0.08)
        assert rows.loc["specificity", "estimate"] == pytest.approx(1, abs=0.12)

    def test_swaps_of_a_linear_model_are_computed_by_hand(self, rng):
        model, weights = linear(rng)
        codes, others = uniform(rng, N), uniform(rng, DONORS)
        table = run("context", CONTEXT, model, codes, donors=others)
        rows = np.arange(0, N - 1, 2)
        own = one_hot(codes[rows])[:, 9:18]
        null = [one_hot(others[donors_of(rows, d, 3, DONORS)])[:, 9:18] for d in range(3)]
        expected = np.einsum("nla,la->n", own - np.mean(null, axis=0), weights[9:18, :, 1])
        found = one(table, estimand="swap", tile="a", target="two")
        assert found.estimate == pytest.approx(expected.mean(), abs=1e-5)
        assert found.se == pytest.approx(expected.std(ddof=1) / np.sqrt(len(rows)), rel=1e-4)
        # Both redraw the same letters, so what is linear cancels in every sequence.
        assert one(table, estimand="specificity", tile="a", target="two").verdict == "inert"

    @pytest.mark.parametrize(("n", "number", "units"), [(40, 80, 40), (90, 40, 20)])
    def test_intervals_cover_whether_donors_are_shared_or_not(self, n, number, units, rng):
        """Truth of a linear model over random sequences and backgrounds: a mean of zero."""
        model, _ = linear(rng)
        held = dict.fromkeys(("total", "necessity", "sufficiency"), 0)
        settings = CONTEXT | {"tiles": {"a": [9, 18]}, "draws": 2}
        _, listed = conditions_of("context", settings)
        assert len(np.unique(sharing(listed, n, number))) == units
        for _ in range(60):
            table = run("context", settings, model, uniform(rng, n), donors=uniform(rng, number))
            for test in held:
                row = one(table, estimand=test, target="one")
                held[test] += row.ci_low <= 0 <= row.ci_high
                assert row.n == n
        # Of 60 at 95 %: 57, and less than 50 once in a thousand; without groups some 45.
        assert min(held.values()) >= 50

    def test_a_model_that_never_looks_is_inert_and_its_shares_are_masked(self, rng):
        model = tiled(lambda values: np.full(len(values), 3.0))
        table = run("context", CONTEXT, model, marked(), donors=donors(rng))
        assert set(pick(table, estimand="necessity")["verdict"]) == {"inert"}
        assert set(pick(table, estimand="necessity_share")["verdict"]) == {"masked"}

    def test_a_tile_outside_is_refused(self):
        settings = {**CONTEXT, "tiles": {"a": [40, 48]}}
        with pytest.raises(
            InputError, match=r"tile 'a' from 40 to 48 does not lie inside .* 47 letters"
        ):
            conditions_of("context", settings)


DISTANCE = {"sequences": ["s"], "anchor": [0, 9], "tile": [18, 27], "draws": 2}


class TestDistance:
    def near(self):
        """3 for the anchor, 1 for a copy of the tile, and 5 for 20 letters between their starts."""

        def formula(x):
            anchor = x[:, :9, 0].all(axis=1)
            copies = np.lib.stride_tricks.sliding_window_view(x[:, :, 1], 9, axis=1).all(axis=2)
            return np.stack([3 * anchor + copies.sum(1) + 5 * anchor * copies[:, 20]] * 2, axis=1)

        return FormulaModel(formula, LENGTH, ("one", "two"))

    def test_the_interaction_is_where_the_model_has_it(self, rng):
        codes = marked()
        codes[:, 18:27] = 1
        others = rng.integers(2, 4, (DONORS, LENGTH), dtype=np.uint8)
        settings = {**DISTANCE, "places": [20, 9, 38]}
        table = pick(run("context_distance", settings, self.near(), codes, donors=others),
                     target="one")  # fmt: skip
        found = pick(table, estimand="interaction").set_index("place")["estimate"]
        assert found.to_dict() == pytest.approx({9: 0, 18: 0, 20: 5, 38: 0})
        found = pick(table, estimand="displacement").set_index("place")["estimate"]
        assert found.to_dict() == pytest.approx({9: 0, 20: 5, 38: 0})
        pairs = pick(table, estimand="sufficiency", arm="pair").set_index("distance")["estimate"]
        assert pairs.to_dict() == pytest.approx({9.0: 4, 18.0: 4, 20.0: 9, 38.0: 4})
        assert one(table, estimand="sufficiency", arm="anchor alone").estimate == pytest.approx(3)

    def test_places_are_scanned_without_covering_the_anchor(self):
        settings = {**DISTANCE, "anchor": [10, 20], "tile": [26, 31], "step": 5}
        _, listed = conditions_of("context_distance", settings)
        found = {c.labels["place"] for c in listed if c.labels["arm"] == "pair"}
        assert found == {1, 21, 26, 31, 36, 41}

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"tile": [5, 12]}, r"anchor \[0, 9\] and tile \[5, 12\] share letters"),
            ({"places": [8]}, "tile of 9 letters put at 8 leaves .* or covers letters of the anch"),
            ({"places": [39]}, "tile of 9 letters put at 39 leaves the sequence of 47"),
            ({"tile": [40, 50]}, "tile 'tile' from 40 to 50 does not lie inside"),
        ],
    )
    def test_impossible_places_are_refused(self, change, message):
        with pytest.raises(ValueError, match=message):
            conditions_of("context_distance", {**DISTANCE, **change})


SEARCH = {"sequences": ["s"], "width": WIDTH, "draws": 2}


class TestSearch:
    def search(self, rng, model, codes, others=None, **settings):
        others = donors(rng) if others is None else others
        return run("context_search", {**SEARCH, **settings}, model, codes, donors=others)

    def cumulative(self, table, estimand="cumulative_effect", order="searched"):
        rows = pick(table, estimand=estimand, order=order, arm="together", target="one")
        return rows.set_index("round")["estimate"].to_dict()

    def test_the_order_of_an_additive_model_is_that_of_its_tiles(self, rng):
        table = self.search(rng, additive(), marked(), rounds=5)
        assert self.cumulative(table) == pytest.approx({1: 3, 2: 5, 3: 6, 4: 6.5, 5: 6.75})
        singles = pick(table, estimand="single_effect", target="one")["estimate"]
        assert singles.tolist() == pytest.approx([3, 2, 1, 0.5, 0.25])
        residuals = self.cumulative(table, "additivity_residual")
        assert residuals == pytest.approx(dict.fromkeys(range(2, 6), 0), abs=1e-6)
        first = one(table, estimand="taken_first", target="one")
        assert (first.start, first.estimate) == (9, 1)
        random = self.cumulative(table, order="random")
        assert random[5] == pytest.approx(6.75)
        assert random[1] == pytest.approx(VALUES.mean(), abs=0.5)
        gains = self.cumulative(table, "search_gain")
        assert gains[1] == pytest.approx(3 - random[1])

    def test_the_least_go_first_to_prune_and_are_counted(self, rng):
        table = self.search(rng, additive(), marked(), goal="prune", keep=0.7)
        kept = self.cumulative(table, "share_kept")
        total = VALUES.sum()
        gone = np.cumsum([0.25, 0.5, 1, 2])
        assert kept == pytest.approx({i + 1: 1 - g / total for i, g in enumerate(gone)})
        # 0.25, 0.5 and 1 of 6.75 may go: 74 % are left, and 45 % after the next.
        assert one(table, estimand="removable").estimate == 3
        assert one(table, estimand="removable").target == "one"

    def test_a_multiplicative_model_adds_up_on_no_round_but_the_first(self, rng):
        table = self.search(rng, multiplicative(), marked())
        whole, left = np.prod(1 + VALUES), np.cumprod([4, 3, 2])
        expected = {i + 1: whole * (1 - 1 / left[i]) for i in range(3)}
        assert self.cumulative(table) == pytest.approx(expected)
        singles = np.cumsum(whole * (1 - 1 / np.array([4, 3, 2])))
        residual = {i + 1: expected[i + 1] - singles[i] for i in (1, 2)}
        found = self.cumulative(table, "additivity_residual")
        assert found == pytest.approx(residual, abs=1e-5)
        assert found[2] < -10

    def test_every_sequence_is_searched_by_itself(self, rng):
        codes = marked()
        codes[::2, 9:18] = 1
        table = self.search(rng, additive(), codes, rounds=1)
        assert self.cumulative(table)[1] == pytest.approx((31 * 2 + 30 * 3) / 61)
        starts = pick(table, estimand="taken_first", target="one").set_index("start")["estimate"]
        assert starts.to_dict() == pytest.approx({9: 30 / 61, 27: 31 / 61})

    def test_a_target_and_a_direction_are_obeyed(self, rng):
        both = tiled(lambda values: values.sum(axis=1))

        def formula(x):
            return both.formula(x) * [1.0, -1.0]

        model = FormulaModel(formula, LENGTH, ("one", "two"))
        table = self.search(rng, model, marked(), rounds=1, target="two")
        assert self.cumulative(table)[1] == pytest.approx(0.25)
        table = self.search(rng, model, marked(), rounds=1, target="two", toward="higher")
        assert self.cumulative(table)[1] == pytest.approx(3)
        with pytest.raises(InputError, match="unknown target 'twoo'; known are one, two; did you"):
            self.search(rng, model, marked(), target="twoo")

    def test_copies_go_where_they_count(self, rng):
        """A copy of the letters of 18 to 27 is worth its tile's value wherever it stands."""
        table = self.search(rng, additive(), marked(), goal="multiplicity", width=2, tile=[18, 27])
        assert self.cumulative(table) == pytest.approx({1: 3, 2: 5, 3: 6})
        table = self.search(rng, multiplicative(), marked(), goal="multiplicity", tile=[18, 27])
        assert self.cumulative(table) == pytest.approx({1: 3.75, 2: 13.75, 3: 28.75})
        singles = pick(table, estimand="single_effect", target="one")["estimate"]
        assert singles.tolist() == pytest.approx([3.75, 2.5, 1.25])

    def test_chance_chooses_but_does_not_estimate(self, rng):
        """Tiles of one linear model over random letters: no effect on average, for any of them.

        The draw that looks best is best by luck of its donor; measured on the same draws, the
        effect would be far from what another donor gives.
        """
        weights = rng.normal(size=(LENGTH, 4))
        model = FormulaModel(
            lambda x: np.repeat(np.einsum("nla,la->n", x, weights)[:, None], 2, axis=1),
            LENGTH,
            ("one", "two"),
        )
        # One and the same sequence throughout: the truth of each tile is known.
        codes = np.repeat(uniform(rng, 1), 401, axis=0)
        others = uniform(rng, 1009)
        table = self.search(rng, model, codes, others, rounds=1, draws=1)
        truth = np.array([
            weights[np.arange(s, s + WIDTH), codes[0, s : s + WIDTH]].sum()
            - weights[s : s + WIDTH].mean(axis=1).sum()
            for s in range(0, 45, WIDTH)
        ])  # fmt: skip
        places = pick(table, estimand="taken_first", target="one").set_index("start")["estimate"]
        expected = sum(share * truth[int(s) // WIDTH] for s, share in places.items())
        row = one(table, estimand="cumulative_effect", order="searched", target="one")
        assert row.estimate == pytest.approx(expected, abs=3.5 * row.se)
        # What the choosing draws themselves say is far beyond.
        module = REGISTRY.load("context_search")
        settings = module.Settings(**SEARCH | {"draws": 1, "rounds": 1})
        seen = {}

        def ask(trials):
            made = np.stack([trial.apply(codes, others) for trial in trials])
            seen["found"] = model.predict(made.reshape(-1, LENGTH)).reshape(5, 401, 2)
            return seen["found"]

        module.search(settings, ask, *codes.shape, model.targets)
        naive = model.predict(codes)[0, 0] - seen["found"][..., 0].min(axis=0).mean()
        assert naive > row.estimate + 10 * row.se

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"rounds": 6}, "6 rounds take as many tiles, but 47 letters hold 5"),
            ({"width": 30}, "3 rounds take as many tiles, but 47 letters hold 1"),
            ({"goal": "multiplicity"}, "tile is for the goal multiplicity, which needs it"),
            ({"tile": [3, 9]}, "tile is for the goal multiplicity, which needs it"),
        ],
    )
    def test_impossible_searches_are_refused(self, change, message):
        with pytest.raises(ValueError, match=message):
            conditions_of("context_search", {**SEARCH, **change})
