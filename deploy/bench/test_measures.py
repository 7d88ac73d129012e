"""The figures of merit, on small cases worked out by hand.

python -m unittest test_measures
"""

from __future__ import annotations

import math
import unittest

import numpy as np

import measures


class Auroc(unittest.TestCase):
    def test_one_when_every_known_is_above_every_unknown(self) -> None:
        self.assertEqual(measures.auroc([0.8, 0.9], [0.1, 0.2, 0.7]), 1.0)
        self.assertEqual(measures.auroc([0.1, 0.2], [0.8, 0.9]), 0.0)

    def test_a_tie_counts_half(self) -> None:
        self.assertEqual(measures.auroc([0.5, 0.5], [0.5, 0.5, 0.5]), 0.5)
        # Pairs: 0.9 beats both; 0.5 ties with one and beats the other.
        self.assertEqual(measures.auroc([0.9, 0.5], [0.5, 0.1]), 3.5 / 4)

    def test_the_same_as_counting_all_pairs(self) -> None:
        rng = np.random.default_rng(1)
        known, unknown = rng.integers(0, 20, 60) / 20, rng.integers(0, 15, 40) / 20
        pairs = [(k > u) + 0.5 * (k == u) for k in known for u in unknown]
        self.assertAlmostEqual(measures.auroc(known, unknown), sum(pairs) / len(pairs))

    def test_nothing_to_compare_is_no_number(self) -> None:
        self.assertTrue(math.isnan(measures.auroc([], [0.5])))
        self.assertTrue(math.isnan(measures.auroc([0.5], [])))


class CalibrationError(unittest.TestCase):
    def test_none_when_confidence_is_the_share_right(self) -> None:
        self.assertAlmostEqual(measures.calibration_error([0.75] * 4, [True, True, True, False]), 0)

    def test_the_distance_when_it_is_not(self) -> None:
        self.assertAlmostEqual(measures.calibration_error([0.9] * 4, [True, False, False, False]), 0.65)

    def test_bins_are_weighted_by_what_is_in_them(self) -> None:
        # Three sure and right (gap 0), one at 0.5 and wrong (gap 0.5).
        self.assertAlmostEqual(measures.calibration_error([1, 1, 1, 0.5], [True, True, True, False]), 0.125)

    def test_opposite_errors_cancel_within_a_bin_and_not_between_bins(self) -> None:
        self.assertAlmostEqual(measures.calibration_error([0.5, 0.5], [True, False]), 0)
        self.assertAlmostEqual(measures.calibration_error([0.2, 0.8], [True, False]), 0.8)

    def test_both_ends_belong_to_a_bin(self) -> None:
        self.assertEqual(measures.calibration_error([0, 1], [False, True]), 0)
        self.assertEqual(measures.calibration_error([0, 1], [True, False]), 1)

    def test_nothing_is_no_number(self) -> None:
        self.assertTrue(math.isnan(measures.calibration_error([], [])))


class Keeping(unittest.TestCase):
    def test_the_threshold_that_keeps_95_of_100_is_the_95th_from_above(self) -> None:
        known = np.arange(100)
        threshold = measures.threshold_keeping(known, 0.95)
        self.assertEqual(threshold, 5)
        self.assertEqual(measures.share(known >= threshold), 0.95)

    def test_95_percent_of_20_are_19(self) -> None:
        self.assertEqual(measures.threshold_keeping(range(20), 0.95), 1)

    def test_at_least_the_share_is_kept_when_it_does_not_fit(self) -> None:
        # 95 % of 3 are all 3.
        self.assertEqual(measures.threshold_keeping([0.3, 0.9, 0.6], 0.95), 0.3)

    def test_ties_at_the_threshold_are_kept_and_accepted(self) -> None:
        self.assertEqual(measures.threshold_keeping([0.5, 0.5, 0.5], 0.95), 0.5)
        self.assertEqual(measures.accepted_when_keeping([0.5, 0.5], [0.5, 0.4]), 0.5)

    def test_accepted_is_the_share_of_unknowns_at_or_above(self) -> None:
        self.assertEqual(measures.accepted_when_keeping([0.7, 0.8], [0.1, 0.69, 0.71, 0.9]), 0.5)
        self.assertTrue(math.isnan(measures.accepted_when_keeping([], [0.1])))


class Spread(unittest.TestCase):
    def test_percentiles_are_values_that_occurred(self) -> None:
        values = [5, 1, 4, 2, 3]
        self.assertEqual([measures.percentile(values, p) for p in (0, 0.2, 0.5, 0.99, 1)], [1, 1, 3, 5, 5])
        self.assertEqual(measures.percentile(range(1, 101), 0.99), 99)

    def test_mean_and_deviation_leave_out_what_could_not_be_measured(self) -> None:
        self.assertEqual(measures.mean_and_deviation([1, 3, math.nan]), (2, math.sqrt(2)))
        mean, deviation = measures.mean_and_deviation([4])
        self.assertEqual(mean, 4)
        self.assertTrue(math.isnan(deviation))


if __name__ == "__main__":
    unittest.main()
