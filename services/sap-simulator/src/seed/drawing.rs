//! Pictures of the sample's products, drawn here so that no file has to be
//! shipped: a mug, a tin or a jar on a plain ground.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

const SIZE: u32 = 320;
/// Points a pixel's side is sampled at, for smooth edges.
const SAMPLES: u32 = 3;

type Colour = [u8; 3];

const GROUND: Colour = [244, 241, 236];
const SHADOW: Colour = [228, 223, 215];
const PAPER: Colour = [252, 250, 245];
const WOOD: Colour = [196, 160, 116];

/// The picture of the product `id`, a PNG.
pub(super) fn of(id: &str) -> Vec<u8> {
    let colour = match id {
        "MUG-001" => [66, 106, 148],
        "MUG-002" => [203, 172, 130],
        "TEA-100" => [98, 138, 88],
        "TEA-200" => [72, 78, 110],
        "TEA-300" => [176, 84, 58],
        _ => [222, 160, 48],
    };
    let shape = match id.split('-').next() {
        Some("MUG") => mug,
        Some("TEA") => tin,
        _ => jar,
    };
    let picture = RgbImage::from_fn(SIZE, SIZE, |x, y| pixel(x, y, |x, y| shape(x, y, colour)));
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).expect("memory takes every write");
    file.into_inner()
}

/// The mean of the colours at points from -1 to 1, y downwards.
fn pixel(x: u32, y: u32, colour: impl Fn(f32, f32) -> Colour) -> Rgb<u8> {
    let place =
        |pixel: u32, sample: u32| (pixel * SAMPLES + sample) as f32 / (SIZE * SAMPLES) as f32 * 2.0 - 1.0;
    let mut sum = [0_u32; 3];
    for sample in 0..SAMPLES * SAMPLES {
        let colour = colour(place(x, sample % SAMPLES), place(y, sample / SAMPLES));
        sum.iter_mut().zip(colour).for_each(|(sum, part)| *sum += u32::from(part));
    }
    Rgb(sum.map(|sum| (sum / (SAMPLES * SAMPLES)) as u8))
}

fn mug(x: f32, y: f32, colour: Colour) -> Colour {
    let ring = ((x - 0.36).powi(2) + (y - 0.04).powi(2)).sqrt();
    if within(x, y, (-0.46, 0.36), (-0.42, 0.52), 0.12) {
        return if y < -0.32 { lighter(colour) } else { shaded(colour, x / 0.5) };
    }
    if x > 0.3 && (0.17..0.29).contains(&ring) { colour } else { ground(x, y) }
}

fn tin(x: f32, y: f32, colour: Colour) -> Colour {
    if within(x, y, (-0.36, 0.36), (-0.62, -0.44), 0.05) {
        return shaded(WOOD, x / 0.36);
    }
    if !within(x, y, (-0.4, 0.4), (-0.46, 0.56), 0.06) {
        return ground(x, y);
    }
    if !within(x, y, (-0.26, 0.26), (-0.2, 0.32), 0.04) {
        return shaded(colour, x / 0.4);
    }
    // A leaf on the label: where two circles meet.
    let circle = |side: f32| (x - side).powi(2) + (y - 0.06).powi(2) < 0.06;
    if circle(-0.14) && circle(0.14) { colour } else { PAPER }
}

fn jar(x: f32, y: f32, colour: Colour) -> Colour {
    if within(x, y, (-0.34, 0.34), (-0.56, -0.38), 0.05) {
        return shaded(WOOD, x / 0.34);
    }
    if !within(x, y, (-0.42, 0.42), (-0.4, 0.54), 0.18) {
        return ground(x, y);
    }
    if within(x, y, (-0.3, 0.3), (-0.06, 0.26), 0.05) { PAPER } else { shaded(colour, x / 0.42) }
}

/// Inside a rectangle with round corners.
fn within(x: f32, y: f32, (left, right): (f32, f32), (top, bottom): (f32, f32), radius: f32) -> bool {
    let past = |value: f32, low: f32, high: f32| (low + radius - value).max(value - high + radius);
    let (across, down) = (past(x, left, right), past(y, top, bottom));
    across.max(0.0).hypot(down.max(0.0)) < radius && across.max(down) < radius
}

fn ground(x: f32, y: f32) -> Colour {
    let in_shadow = (x / 0.6).powi(2) + ((y - 0.56) / 0.1).powi(2) < 1.0;
    if in_shadow { SHADOW } else { GROUND }
}

/// Darker towards the right, as if lit from the left.
fn shaded(colour: Colour, across: f32) -> Colour {
    let light = 1.04 - 0.22 * across.max(0.0).powi(2);
    colour.map(|part| (f32::from(part) * light).min(255.0) as u8)
}

fn lighter(colour: Colour) -> Colour {
    colour.map(|part| part.saturating_add(28))
}
