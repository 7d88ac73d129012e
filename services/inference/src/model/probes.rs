//! Pictures that show nothing that anybody would teach: heaps of discs and
//! tiles in all sizes and colours. How similar their embeddings are to one
//! another says how similar unrelated pictures are to a network.

use super::layout::InputSize;

/// How many there are.
pub const PROBES: u32 = 24;

const MOST_SHAPES: u32 = 40;

/// A disc (even) or a tile (odd), in the unit square.
struct Shape {
    disc: bool,
    centre: [f32; 2],
    half: [f32; 2],
    colour: [u8; 3],
}

impl Shape {
    fn covers(&self, x: f32, y: f32) -> bool {
        let (dx, dy) = ((x - self.centre[0]) / self.half[0], (y - self.centre[1]) / self.half[1]);
        if self.disc { dx * dx + dy * dy <= 1.0 } else { dx.abs() <= 1.0 && dy.abs() <= 1.0 }
    }
}

/// The probe with this number, below [`PROBES`], as RGB; always the same. Every
/// third is out of focus, every fourth is noisy.
#[must_use]
pub fn paint(number: u32, size: InputSize) -> Vec<u8> {
    let mut dice = Dice(u64::from(number) + 1);
    let ground = dice.colour();
    let shapes: Vec<_> =
        (0..3 + dice.below(MOST_SHAPES - 3)).map(|_| dice.shape(number.is_multiple_of(2))).collect();
    let at = |index: u32, length: u32| (index as f32 + 0.5) / length as f32;
    let points =
        (0..size.height).flat_map(|y| (0..size.width).map(move |x| (at(x, size.width), at(y, size.height))));
    let mut picture: Vec<u8> = points
        .flat_map(|(x, y)| {
            let top = shapes.iter().rev().find(|shape| shape.covers(x, y));
            top.map_or(ground, |shape| shape.colour)
        })
        .collect();
    if number % 3 == 1 {
        let radius = (size.width as f32 * (0.01 + 0.04 * dice.share())) as usize;
        picture = blur(&picture, size, radius);
    }
    if number % 4 == 3 {
        for pixel in picture.as_chunks_mut::<3>().0 {
            let noise = 140.0 * (dice.share() + dice.share() + dice.share() - 1.5);
            *pixel = pixel.map(|value| (f32::from(value) + noise).clamp(0.0, 255.0) as u8);
        }
    }
    picture
}

/// The mean of the neighbours up to `radius` pixels away, along each axis.
fn blur(picture: &[u8], size: InputSize, radius: usize) -> Vec<u8> {
    let (width, height) = (size.width as usize, size.height as usize);
    let along = |from: &[u8], length: usize, place: &dyn Fn(usize) -> usize, to: &mut [u8]| {
        for at in 0..length {
            let range = at.saturating_sub(radius)..(at + radius + 1).min(length);
            for channel in 0..3 {
                let sum: usize = range.clone().map(|i| usize::from(from[place(i) + channel])).sum();
                to[place(at) + channel] = (sum / range.len()) as u8;
            }
        }
    };
    let (mut rows, mut columns) = (picture.to_vec(), picture.to_vec());
    for y in 0..height {
        along(picture, width, &|x| 3 * (y * width + x), &mut rows);
    }
    for x in 0..width {
        along(&rows, height, &|y| 3 * (y * width + x), &mut columns);
    }
    columns
}

/// A generator that gives the same everywhere and for ever (SplitMix64), as a
/// library's need not.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 32) as u32
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.roll() % limit
    }

    /// From 0 to 1.
    fn share(&mut self) -> f32 {
        self.below(1000) as f32 / 1000.0
    }

    fn colour(&mut self) -> [u8; 3] {
        std::array::from_fn(|_| (self.roll() >> 24) as u8)
    }

    fn shape(&mut self, disc: bool) -> Shape {
        let centre = std::array::from_fn(|_| 1.2 * self.share() - 0.1);
        let half = std::array::from_fn(|_| 0.02 + 0.25 * self.share());
        Shape { disc, centre, half, colour: self.colour() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: InputSize = InputSize { width: 32, height: 24 };

    #[test]
    fn each_probe_is_a_picture_of_its_own_and_always_the_same() {
        let pictures: Vec<_> = (0..PROBES).map(|number| paint(number, SIZE)).collect();
        for (number, picture) in pictures.iter().enumerate() {
            assert_eq!(picture.len(), 32 * 24 * 3);
            assert_eq!(*picture, paint(number as u32, SIZE));
            assert!(pictures[..number].iter().all(|other| other != picture));
        }
    }
}
