//! Vectors one behind the other, and the exact search for those closest to a
//! query.
//!
//! Reading memory is what a search takes its time for, so each vector is there
//! twice: as 32-bit floats, and rounded to one byte a value. The search reads
//! the bytes of all of them. How far rounding can change a similarity is known
//! for each vector, so what can't be among the closest is ruled out for
//! certain, and the few that are left are compared in full. The answer is the
//! one that comparing all in full would give, from a quarter of the memory.
//!
//! Vectors are in blocks that clones share until one of them changes, so a
//! snapshot of them costs nothing.

use std::sync::Arc;

use numkong::Dot as _;

/// Rows of a block. A change while a snapshot is held copies a block.
const BLOCK: usize = 256;

/// See the module's text. All rows are of unit length and of one dimension.
#[derive(Clone, Debug)]
pub struct Rows {
    dimensions: usize,
    blocks: Vec<Arc<Block>>,
    len: usize,
}

#[derive(Clone, Debug, Default)]
struct Block {
    values: Vec<f32>,
    codes: Vec<i8>,
    roundings: Vec<Rounding>,
}

/// A vector rounded to bytes: `scale` times `codes`.
#[derive(Clone, Debug)]
pub struct Rounded {
    codes: Box<[i8]>,
    rounding: Rounding,
}

#[derive(Clone, Copy, Debug)]
struct Rounding {
    /// What a code of 1 stands for.
    scale: f32,
    /// Length of what rounding took away.
    error: f32,
}

impl Rounded {
    /// Rounds `values`.
    #[must_use]
    pub fn new(values: &[f32]) -> Self {
        let most = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
        let codes: Box<[i8]> = values.iter().map(|value| (value / scale).round() as i8).collect();
        let lost = values.iter().zip(&codes).map(|(value, code)| f64::from(value - scale * f32::from(*code)));
        let error = lost.map(|lost| lost * lost).sum::<f64>().sqrt() as f32;
        Self { codes, rounding: Rounding { scale, error } }
    }

    /// The values, rounded.
    #[must_use]
    pub fn values(&self) -> Vec<f32> {
        self.codes.iter().map(|code| self.rounding.scale * f32::from(*code)).collect()
    }
}

/// A row and its cosine similarity with the query, -1 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The row's number.
    pub row: usize,
    /// The similarity.
    pub similarity: f32,
}

impl Rows {
    /// No rows yet.
    #[must_use]
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, blocks: Vec::new(), len: 0 }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A row's values.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        assert!(row < self.len, "a row that is there");
        let at = row % BLOCK * self.dimensions;
        &self.blocks[row / BLOCK].values[at..at + self.dimensions]
    }

    /// Adds a row at the end.
    ///
    /// # Panics
    /// When it is of another dimension.
    pub fn push(&mut self, values: &[f32]) {
        assert_eq!(values.len(), self.dimensions, "a row of this dimension");
        if self.len.is_multiple_of(BLOCK) {
            self.blocks.push(Arc::default());
        }
        let block = Arc::make_mut(self.blocks.last_mut().expect("pushed when the last was full"));
        let rounded = Rounded::new(values);
        block.values.extend(values);
        block.codes.extend(rounded.codes);
        block.roundings.push(rounded.rounding);
        self.len += 1;
    }

    /// Removes a row; the last one takes its place.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn swap_remove(&mut self, row: usize) {
        assert!(row < self.len, "a row that is there");
        let d = self.dimensions;
        let last = self.blocks.last_mut().expect("not empty");
        let last = Arc::make_mut(last);
        let start = last.values.len() - d;
        let (values, codes) = (last.values.split_off(start), last.codes.split_off(start));
        let rounding = last.roundings.pop().expect("one a row");
        if last.values.is_empty() {
            self.blocks.pop();
        }
        self.len -= 1;
        if row < self.len {
            let block = Arc::make_mut(&mut self.blocks[row / BLOCK]);
            let at = row % BLOCK * d;
            block.values[at..at + d].copy_from_slice(&values);
            block.codes[at..at + d].copy_from_slice(&codes);
            block.roundings[row % BLOCK] = rounding;
        }
    }

    /// The `count` rows closest to `query`, best first; of equally close ones the
    /// one with the lower number.
    #[must_use]
    pub fn nearest(&self, query: &[f32], count: usize) -> Vec<Hit> {
        self.scan(query).nearest(count, |_| true)
    }

    /// Reads all rows for the searches that follow.
    ///
    /// # Panics
    /// When the query is of another dimension.
    #[must_use]
    pub fn scan<'a>(&'a self, query: &'a [f32]) -> Scan<'a> {
        assert_eq!(query.len(), self.dimensions, "a query of this dimension");
        let rounded = Rounded::new(query);
        let Rounding { scale, error } = rounded.rounding;
        let mut ranges = Vec::with_capacity(self.len);
        for block in &self.blocks {
            for (codes, row) in block.codes.chunks_exact(self.dimensions).zip(&block.roundings) {
                let dot = i8::dot(codes, &rounded.codes).expect("of one length");
                // |q·x - q'·x'| <= |q|·|x - x'| + |q - q'|·|x'|, and |x'| <= 1 + |x - x'|;
                // the last term is for the float arithmetic itself.
                let slack = row.error + error * (1.0 + row.error) + 1e-5;
                ranges.push((dot as f32 * scale * row.scale, slack));
            }
        }
        Scan { rows: self, query, ranges }
    }
}

/// All rows as seen from a query: for each a similarity and how far from it the
/// true one may be.
#[derive(Debug)]
pub struct Scan<'a> {
    rows: &'a Rows,
    query: &'a [f32],
    ranges: Vec<(f32, f32)>,
}

impl Scan<'_> {
    /// As [`Rows::nearest`], among the rows that `admit` lets through.
    #[must_use]
    pub fn nearest(&self, count: usize, admit: impl Fn(usize) -> bool) -> Vec<Hit> {
        if count == 0 {
            return Vec::new();
        }
        // The least similarity that `count` rows have for certain.
        let mut certain: Vec<f32> = Vec::with_capacity(count + 1);
        let mut floor = f32::NEG_INFINITY;
        for (row, (about, slack)) in self.ranges.iter().enumerate() {
            let least = about - slack;
            if least > floor && admit(row) {
                let at = certain.partition_point(|other| *other >= least);
                certain.insert(at, least);
                certain.truncate(count);
                if certain.len() == count {
                    floor = certain[count - 1];
                }
            }
        }
        let possible = self.ranges.iter().enumerate().filter(|(_, (about, slack))| about + slack >= floor);
        let mut hits: Vec<_> = possible
            .filter(|(row, _)| admit(*row))
            .map(|(row, _)| {
                let similarity = f32::dot(self.rows.row(row), self.query).expect("of one length");
                (row, similarity)
            })
            .collect();
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        hits.truncate(count);
        hits.into_iter().map(|(row, similarity)| Hit { row, similarity: similarity as f32 }).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(values: &[f32]) -> Vec<f32> {
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        values.iter().map(|v| v / length).collect()
    }

    fn rows(dimensions: usize, values: &[Vec<f32>]) -> Rows {
        let mut rows = Rows::new(dimensions);
        values.iter().for_each(|values| rows.push(values));
        rows
    }

    /// The plainest possible search, in double precision.
    fn naive(values: &[Vec<f32>], query: &[f32], count: usize) -> Vec<(usize, f64)> {
        let dot =
            |row: &Vec<f32>| row.iter().zip(query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        let mut all: Vec<_> = values.iter().map(dot).enumerate().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(count);
        all
    }

    fn vector(dimensions: usize) -> impl Strategy<Value = Vec<f32>> {
        proptest::collection::vec(-1.0..1.0_f32, dimensions)
            .prop_filter("long enough", |v| v.iter().map(|x| x * x).sum::<f32>() > 0.01)
            .prop_map(|values| unit(&values))
    }

    proptest! {
        #[test]
        fn finds_what_a_naive_search_finds(
            values in proptest::collection::vec(vector(37), 1..80),
            query in vector(37),
            count in 1..8_usize,
        ) {
            let found = rows(37, &values).nearest(&query, count);
            let expected = naive(&values, &query, count);
            prop_assert_eq!(found.len(), expected.len());
            for (hit, (row, similarity)) in found.iter().zip(&expected) {
                prop_assert!((f64::from(hit.similarity) - similarity).abs() < 1e-6);
                let true_one: f64 = values[hit.row].iter().zip(&query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                prop_assert!(hit.row == *row || (true_one - similarity).abs() < 1e-7);
            }
        }

        /// Nearly equal ones are told apart although rounding can't.
        #[test]
        fn twins_that_round_alike_are_told_apart(base in vector(64), nudges in proptest::collection::vec(-1e-3..1e-3_f32, 40)) {
            let values: Vec<_> = nudges.iter().enumerate().map(|(i, nudge)| {
                let mut twin = base.clone();
                twin[i] += nudge;
                unit(&twin)
            }).collect();
            let found = rows(64, &values).nearest(&base, 3);
            let expected = naive(&values, &base, 3);
            for (hit, (_, similarity)) in found.iter().zip(&expected) {
                let true_one: f64 = values[hit.row].iter().zip(&base).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                prop_assert!((true_one - similarity).abs() < 1e-7);
            }
        }

        /// Adding and removing in any order leaves the rows that a plain list has.
        #[test]
        fn rows_are_what_a_plain_list_is(steps in proptest::collection::vec((any::<bool>(), 0..2000_usize), 1..900)) {
            let mut rows = Rows::new(2);
            let mut list: Vec<Vec<f32>> = Vec::new();
            for (add, number) in steps {
                if add || list.is_empty() {
                    let angle = number as f32;
                    let values = vec![angle.cos(), angle.sin()];
                    rows.push(&values);
                    list.push(values);
                } else {
                    let row = number % list.len();
                    rows.swap_remove(row);
                    list.swap_remove(row);
                }
            }
            prop_assert_eq!(rows.len(), list.len());
            for (row, values) in list.iter().enumerate() {
                prop_assert_eq!(rows.row(row), values.as_slice());
            }
            let found = rows.nearest(&[1.0, 0.0], 2);
            let expected = naive(&list, &[1.0, 0.0], 2);
            for (hit, (_, similarity)) in found.iter().zip(&expected) {
                prop_assert!((f64::from(hit.similarity) - similarity).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut rows = rows(2, &[vec![1.0, 0.0], vec![0.0, 1.0]]);
        let snapshot = rows.clone();
        rows.swap_remove(0);
        rows.push(&[0.6, 0.8]);
        assert_eq!((snapshot.row(0), snapshot.row(1)), ([1.0, 0.0].as_slice(), [0.0, 1.0].as_slice()));
        assert_eq!((rows.row(0), rows.row(1)), ([0.0, 1.0].as_slice(), [0.6, 0.8].as_slice()));
    }

    #[test]
    fn only_admitted_rows_are_found_and_none_among_none() {
        let rows = rows(2, &[vec![1.0, 0.0], vec![0.8, 0.6], vec![0.0, 1.0]]);
        let scan = rows.scan(&[1.0, 0.0]);
        assert_eq!(scan.nearest(1, |row| row != 0)[0].row, 1);
        assert!(scan.nearest(3, |_| false).is_empty());
        assert!(Rows::new(2).nearest(&[1.0, 0.0], 5).is_empty());
    }
}
