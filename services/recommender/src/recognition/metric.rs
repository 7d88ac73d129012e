//! The metric: how to weigh directions so that pictures of one label are close
//! and labels far apart.
//!
//! It is learnt from the gallery in closed form. What differs between pictures
//! of one label (light, side, distance) is not what tells labels apart: the
//! pooled covariance of the samples about their label's mean says in which
//! directions that happens, and the metric is its inverse, shrunk towards the
//! identity. Two points are compared by the cosine of their angle under it, seen
//! from the middle of all labels.
//!
//! With fewer rows than dimensions all work is done in the span of the rows
//! (Woodbury's identity), so a small gallery takes milliseconds.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, MatRef, Par, Side};
use numkong::Dot as _;

/// Shrinkage as a share of the mean eigenvalue: this much always, ...
const SHRINKAGE: f32 = 0.2;
/// ... and this much times dimensions per row. Both as measured in
/// `docs/decisions/0013-metric.md`.
const SHRINKAGE_FEW_ROWS: f32 = 0.5;

/// How many labels' weight holds the middle back at the origin: that of a few
/// labels says more about them than about what all pictures have in common.
const MIDDLE_PRIOR: f32 = 2.0;

/// On the one thread that learns, so that it takes one core from nobody and the
/// result doesn't depend on how many there are.
const PAR: Par = Par::Seq;

/// See the module's text.
#[derive(Clone, Debug)]
pub struct Metric {
    /// The middle of all labels.
    middle: Vec<f32>,
    form: Form,
}

/// With P the metric as a matrix.
#[derive(Clone, Debug)]
enum Form {
    /// P is the identity.
    Plain,
    /// P = H'H, with H lower triangular.
    Full(Half),
    /// P = I - H'H, up to a factor that no cosine sees.
    Span(Half),
}

/// Rows of H, one behind the other.
#[derive(Clone, Debug)]
struct Half {
    rows: Vec<f32>,
    triangular: bool,
}

impl Metric {
    /// The one to begin with: plain cosine similarity.
    #[must_use]
    pub fn plain(dimensions: usize) -> Self {
        Self { middle: vec![0.0; dimensions], form: Form::Plain }
    }

    /// Learns from the features in the columns of `rows`; `labels` has a number
    /// below `means.ncols()` for each, and the columns of `means` are the
    /// labels' means. With less than two labels there is nothing to tell apart:
    /// the plain one.
    #[must_use]
    pub fn fit(rows: MatRef<'_, f32>, labels: &[usize], means: MatRef<'_, f32>) -> Self {
        let (d, n, count) = (rows.nrows(), rows.ncols(), means.ncols());
        if count < 2 {
            return Self::plain(d);
        }
        let middle = |i| means.row(i).iter().sum::<f32>() / (count as f32 + MIDDLE_PRIOR);
        let middle: Vec<f32> = (0..d).map(middle).collect();
        let spread = Mat::from_fn(d, n, |i, j| rows[(i, j)] - means[(i, labels[j])]);
        let freedom = n.saturating_sub(count).max(1) as f32;
        let trace = spread.as_ref().squared_norm_l2() / freedom;
        let shrinkage = SHRINKAGE + SHRINKAGE_FEW_ROWS * d as f32 / freedom;
        let ridge = shrinkage * trace / d as f32;
        // All samples of a label the same: no direction is any different.
        if !(ridge > 1e-9 && ridge.is_finite()) {
            return Self { middle, form: Form::Plain };
        }
        let form =
            if n < d { in_span(spread.as_ref(), ridge * freedom) } else { full(spread, ridge, freedom) };
        Self { middle, form }
    }

    /// `features` as seen from the middle.
    #[must_use]
    pub fn centre(&self, features: &[f32]) -> Vec<f32> {
        features.iter().zip(&self.middle).map(|(value, middle)| value - middle).collect()
    }

    /// The length of a centred vector under the metric.
    #[must_use]
    pub fn length(&self, centred: &[f32]) -> f32 {
        let squared = match &self.form {
            Form::Plain => dot(centred, centred),
            Form::Full(half) => half.squared(centred),
            Form::Span(half) => dot(centred, centred) - half.squared(centred),
        };
        // Rounding may leave a little less than nothing.
        squared.max(1e-12).sqrt()
    }

    /// The unit covectors of the centred columns of `points`: a point's cosine
    /// with one of them under the metric is the plain dot product with its
    /// covector, over the point's own [`length`](Self::length).
    #[must_use]
    pub fn covectors(&self, points: MatRef<'_, f32>) -> Mat<f32> {
        let (d, n) = (points.nrows(), points.ncols());
        let centred = Mat::from_fn(d, n, |i, j| points[(i, j)] - self.middle[i]);
        let mut covectors = match &self.form {
            Form::Plain => centred.clone(),
            Form::Full(half) => half.twice(centred.as_ref()),
            Form::Span(half) => &centred - half.twice(centred.as_ref()),
        };
        for j in 0..n {
            let pairs = centred.col(j).iter().zip(covectors.col(j).iter());
            let length = pairs.map(|(a, b)| a * b).sum::<f32>().max(1e-12).sqrt();
            covectors.col_mut(j).iter_mut().for_each(|value| *value /= length);
        }
        covectors
    }

    /// The cosine of each column of `points` (a row of the answer) with each of
    /// `covectors` (a column).
    #[must_use]
    pub fn cosines(&self, points: MatRef<'_, f32>, covectors: MatRef<'_, f32>) -> Mat<f32> {
        let centred = Mat::from_fn(points.nrows(), points.ncols(), |i, j| points[(i, j)] - self.middle[i]);
        let mut cosines = Mat::zeros(points.ncols(), covectors.ncols());
        matmul(cosines.as_mut(), Accum::Replace, centred.as_ref().transpose(), covectors, 1.0, PAR);
        let halved = match &self.form {
            Form::Plain => None,
            Form::Full(half) | Form::Span(half) => Some(half.once(centred.as_ref())),
        };
        for j in 0..points.ncols() {
            let whole = centred.col(j).squared_norm_l2();
            let part = halved.as_ref().map_or(0.0, |halved| halved.col(j).squared_norm_l2());
            let squared = match &self.form {
                Form::Plain => whole,
                Form::Full(_) => part,
                Form::Span(_) => whole - part,
            };
            let length = squared.max(1e-12).sqrt();
            cosines.row_mut(j).iter_mut().for_each(|cosine| *cosine /= length);
        }
        cosines
    }
}

/// H is the inverse of the Cholesky factor of the shrunk covariance.
fn full(spread: Mat<f32>, ridge: f32, freedom: f32) -> Form {
    let d = spread.nrows();
    let mut covariance = Mat::zeros(d, d);
    triangular::matmul(
        covariance.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        spread.as_ref(),
        BlockStructure::Rectangular,
        spread.as_ref().transpose(),
        BlockStructure::Rectangular,
        freedom.recip(),
        PAR,
    );
    drop(spread);
    (0..d).for_each(|i| covariance[(i, i)] += ridge);
    let Ok(factor) = covariance.llt(Side::Lower) else { return Form::Plain };
    let mut inverse = Mat::zeros(d, d);
    invert_lower_triangular(inverse.as_mut(), factor.L(), PAR);
    let rows = inverse.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>()).collect();
    Form::Full(Half { rows, triangular: true })
}

/// With R the spread and L the Cholesky factor of R'R + ridge, H = inverse(L) R'.
fn in_span(spread: MatRef<'_, f32>, ridge: f32) -> Form {
    let n = spread.ncols();
    let mut gram = Mat::zeros(n, n);
    triangular::matmul(
        gram.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        spread.transpose(),
        BlockStructure::Rectangular,
        spread,
        BlockStructure::Rectangular,
        1.0,
        PAR,
    );
    (0..n).for_each(|i| gram[(i, i)] += ridge);
    let Ok(factor) = gram.llt(Side::Lower) else { return Form::Plain };
    let mut half = spread.transpose().to_owned();
    solve_lower_triangular_in_place(factor.L(), half.as_mut(), PAR);
    let rows = half.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>()).collect();
    Form::Span(Half { rows, triangular: false })
}

impl Half {
    /// |H x|²
    fn squared(&self, x: &[f32]) -> f32 {
        let rows = self.rows.chunks_exact(x.len()).enumerate();
        let dots = rows.map(|(i, row)| {
            let end = if self.triangular { i + 1 } else { x.len() };
            dot(&row[..end], &x[..end])
        });
        dots.map(|dot| dot * dot).sum()
    }

    /// H X
    fn once(&self, x: MatRef<'_, f32>) -> Mat<f32> {
        let half = self.matrix(x.nrows());
        let mut product = Mat::zeros(half.nrows(), x.ncols());
        matmul(product.as_mut(), Accum::Replace, half, x, 1.0, PAR);
        product
    }

    /// H'H X
    fn twice(&self, x: MatRef<'_, f32>) -> Mat<f32> {
        let once = self.once(x);
        let mut product = Mat::zeros(x.nrows(), x.ncols());
        matmul(product.as_mut(), Accum::Replace, self.matrix(x.nrows()).transpose(), once.as_ref(), 1.0, PAR);
        product
    }

    fn matrix(&self, d: usize) -> MatRef<'_, f32> {
        MatRef::from_row_major_slice(&self.rows, self.rows.len() / d, d)
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    f32::dot(a, b).expect("of one length") as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, in double precision: the inverse of the shrunk covariance.
    fn oracle(rows: &Mat<f32>, labels: &[usize], means: &Mat<f32>) -> (Vec<f64>, Mat<f64>) {
        let (d, n, count) = (rows.nrows(), rows.ncols(), means.ncols());
        let middle: Vec<f64> = (0..d)
            .map(|i| {
                (0..count).map(|c| f64::from(means[(i, c)])).sum::<f64>()
                    / (count as f64 + f64::from(MIDDLE_PRIOR))
            })
            .collect();
        let spread = Mat::from_fn(d, n, |i, j| f64::from(rows[(i, j)]) - f64::from(means[(i, labels[j])]));
        let freedom = n.saturating_sub(count).max(1) as f64;
        let mut covariance = &spread * spread.transpose() * faer::Scale(freedom.recip());
        let trace: f64 = (0..d).map(|i| covariance[(i, i)]).sum();
        let shrinkage = f64::from(SHRINKAGE) + f64::from(SHRINKAGE_FEW_ROWS) * d as f64 / freedom;
        (0..d).for_each(|i| covariance[(i, i)] += shrinkage * trace / d as f64);
        let identity = Mat::<f64>::identity(d, d);
        use faer::linalg::solvers::Solve as _;
        (middle, covariance.llt(Side::Lower).unwrap().solve(identity))
    }

    fn means(rows: &Mat<f32>, labels: &[usize], count: usize) -> Mat<f32> {
        Mat::from_fn(rows.nrows(), count, |i, c| {
            let of_label: Vec<f32> =
                labels.iter().enumerate().filter(|(_, l)| **l == c).map(|(j, _)| rows[(i, j)]).collect();
            of_label.iter().sum::<f32>() / of_label.len() as f32
        })
    }

    proptest! {
        /// With fewer and with more rows than dimensions, and labels of unequal size.
        #[test]
        fn cosines_are_those_of_the_definition(
            d in 3..12_usize,
            sizes in proptest::collection::vec(1..9_usize, 2..5),
            seed in proptest::collection::vec(-1.0..1.0_f32, 500),
        ) {
            let labels: Vec<usize> = sizes.iter().enumerate().flat_map(|(c, size)| vec![c; *size]).collect();
            prop_assume!(labels.len() > sizes.len());
            let rows = Mat::from_fn(d, labels.len(), |i, j| seed[i * labels.len() + j]);
            let means = means(&rows, &labels, sizes.len());
            let metric = Metric::fit(rows.as_ref(), &labels, means.as_ref());
            let covectors = metric.covectors(means.as_ref());
            let batch = metric.cosines(rows.as_ref(), covectors.as_ref());

            let (middle, p) = oracle(&rows, &labels, &means);
            let place = |m: &Mat<f32>, j: usize| Mat::from_fn(d, 1, |i, _| f64::from(m[(i, j)]) - middle[i]);
            let inner = |a: &Mat<f64>, b: &Mat<f64>| (a.transpose() * &p * b)[(0, 0)];
            for j in 0..labels.len() {
                let a = place(&rows, j);
                for c in 0..sizes.len() {
                    let b = place(&means, c);
                    let expected = inner(&a, &b) / (inner(&a, &a) * inner(&b, &b)).sqrt();
                    prop_assume!(expected.is_finite());
                    prop_assert!((f64::from(batch[(j, c)]) - expected).abs() < 2e-3, "{} {expected}", batch[(j, c)]);
                    let column: Vec<f32> = rows.col(j).iter().copied().collect();
                    let centred = metric.centre(&column);
                    let covector: Vec<f32> = covectors.col(c).iter().copied().collect();
                    let single = dot(&centred, &covector) / metric.length(&centred);
                    prop_assert!((single - batch[(j, c)]).abs() < 1e-3);
                }
            }
        }
    }

    #[test]
    fn what_varies_within_labels_counts_less() {
        // Labels differ along x; samples of a label differ along y, and more so.
        let rows = Mat::from_fn(2, 6, |i, j| match i {
            0 => {
                if j < 3 {
                    1.0
                } else {
                    -1.0
                }
            }
            _ => [-4.0, 0.0, 4.0][j % 3],
        });
        let labels = [0, 0, 0, 1, 1, 1];
        let means = means(&rows, &labels, 2);
        let metric = Metric::fit(rows.as_ref(), &labels, means.as_ref());
        let covectors = metric.covectors(means.as_ref());
        let query = Mat::from_fn(2, 1, |i, _| [1.0_f32, 4.0][i]);
        let plain = 1.0 / 17.0_f32.sqrt();
        assert!(metric.cosines(query.as_ref(), covectors.as_ref())[(0, 0)] > 2.0 * plain);
    }

    #[test]
    fn one_label_or_no_spread_is_the_plain_metric() {
        let one = Mat::from_fn(3, 2, |i, j| (i + j) as f32);
        let mean = means(&one, &[0, 0], 1);
        assert!(matches!(Metric::fit(one.as_ref(), &[0, 0], mean.as_ref()).form, Form::Plain));
        let apart = Mat::from_fn(3, 2, |i, j| f32::from(u8::from(i == j)));
        assert!(matches!(Metric::fit(apart.as_ref(), &[0, 1], apart.as_ref()).form, Form::Plain));
    }
}
