//! Logistic regression with a prior: a probability from a few scores, also when
//! there are hardly any to learn from.

/// A sigmoid of a weighted sum: the first weight stands alone, the others are
/// for the inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic<const N: usize> {
    /// The weights.
    pub weights: [f64; N],
}

/// What to learn from: inputs behind a leading 1, whether it was so, and how
/// much it counts.
#[derive(Clone, Copy, Debug)]
pub struct Example<const N: usize> {
    /// 1, then the inputs.
    pub inputs: [f64; N],
    /// Whether it was so.
    pub holds: bool,
    /// How much it counts.
    pub weight: f64,
}

impl<const N: usize> Logistic<N> {
    /// The most likely weights given the examples and a normal prior about
    /// `prior` with these precisions (inverse variances). The problem is convex;
    /// Newton's method with halved steps finds its one answer.
    #[must_use]
    pub fn fit(examples: &[Example<N>], prior: Self, precisions: [f64; N]) -> Self {
        let mut fitted = prior;
        let mut loss = fitted.loss(examples, &prior, &precisions);
        for _ in 0..50 {
            let Some(step) = fitted.newton_step(examples, &prior, &precisions) else { break };
            let mut share = 1.0;
            let mut moved = false;
            while share > 1e-6 {
                let next = Self { weights: std::array::from_fn(|i| fitted.weights[i] - share * step[i]) };
                let next_loss = next.loss(examples, &prior, &precisions);
                if next_loss < loss {
                    moved = loss - next_loss > 1e-10 * (1.0 + loss.abs());
                    (fitted, loss) = (next, next_loss);
                    break;
                }
                share /= 2.0;
            }
            if !moved {
                break;
            }
        }
        fitted
    }

    /// The probability, 0 to 1.
    #[must_use]
    pub fn probability(&self, inputs: [f64; N]) -> f64 {
        sigmoid(self.sum(&inputs))
    }

    fn sum(&self, inputs: &[f64; N]) -> f64 {
        self.weights.iter().zip(inputs).map(|(weight, input)| weight * input).sum()
    }

    fn loss(&self, examples: &[Example<N>], prior: &Self, precisions: &[f64; N]) -> f64 {
        let fit: f64 = examples
            .iter()
            .map(|example| {
                let sum = self.sum(&example.inputs);
                example.weight * softplus(if example.holds { -sum } else { sum })
            })
            .sum();
        let far: f64 =
            (0..N).map(|i| precisions[i] * (self.weights[i] - prior.weights[i]).powi(2) / 2.0).sum();
        fit + far
    }

    /// The inverse Hessian times the gradient.
    fn newton_step(&self, examples: &[Example<N>], prior: &Self, precisions: &[f64; N]) -> Option<[f64; N]> {
        let mut gradient: [f64; N] =
            std::array::from_fn(|i| precisions[i] * (self.weights[i] - prior.weights[i]));
        let mut hessian: [[f64; N]; N] =
            std::array::from_fn(|i| std::array::from_fn(|j| if i == j { precisions[i] } else { 0.0 }));
        for example in examples {
            let p = self.probability(example.inputs);
            let miss = example.weight * (p - f64::from(u8::from(example.holds)));
            let curve = example.weight * p * (1.0 - p);
            for (i, row) in hessian.iter_mut().enumerate() {
                gradient[i] += miss * example.inputs[i];
                for (cell, input) in row.iter_mut().zip(&example.inputs) {
                    *cell += curve * example.inputs[i] * input;
                }
            }
        }
        solve(hessian, gradient)
    }
}

/// Elimination without pivoting: a Hessian with a prior is positive definite.
fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> Option<[f64; N]> {
    for i in 0..N {
        if !(a[i][i] > 0.0 && a[i][i].is_finite()) {
            return None;
        }
        for below in i + 1..N {
            let share = a[below][i] / a[i][i];
            let row = a[i];
            for (cell, above) in a[below].iter_mut().zip(&row).skip(i) {
                *cell -= share * above;
            }
            b[below] -= share * b[i];
        }
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    Some(b)
}

/// 1 / (1 + e^-x)
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    (1.0 + (-x).exp()).recip()
}

/// ln(1 + e^x) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAT: Logistic<2> = Logistic { weights: [0.0, 0.0] };

    fn example(input: f64, holds: bool) -> Example<2> {
        Example { inputs: [1.0, input], holds, weight: 1.0 }
    }

    #[test]
    fn without_examples_the_prior_speaks() {
        let prior = Logistic { weights: [-2.0, 3.0] };
        assert_eq!(Logistic::fit(&[], prior, [1.0, 1.0]), prior);
    }

    #[test]
    fn the_fit_gives_back_the_shares_it_has_seen() {
        // At 0, one in four holds; at 1, three in four.
        let examples: Vec<_> = (0..400)
            .map(|i| {
                let at_one = i % 2 == 0;
                let rare = i / 2 % 4 == 0;
                example(f64::from(u8::from(at_one)), at_one != rare)
            })
            .collect();
        let fit = Logistic::fit(&examples, FLAT, [1e-6, 1e-6]);
        assert!((fit.probability([1.0, 0.0]) - 0.25).abs() < 1e-3);
        assert!((fit.probability([1.0, 1.0]) - 0.75).abs() < 1e-3);
    }

    #[test]
    fn what_can_be_split_without_error_stays_finite() {
        let examples: Vec<_> = (0..100).map(|i| example(f64::from(i), i >= 50)).collect();
        let fit = Logistic::fit(&examples, FLAT, [0.01, 0.01]);
        assert!(fit.weights.iter().all(|weight| weight.is_finite()));
        assert!(fit.probability([1.0, 0.0]) < 0.01 && fit.probability([1.0, 99.0]) > 0.99);
    }
}
