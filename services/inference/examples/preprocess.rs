//! What it costs to make network input of a camera's picture, and how far the embedding
//! of what arrives is from that of the picture itself:
//!
//!     cargo run --release -p mirror-inference --example preprocess -- FOLDER_OF_JPEGS
//!
//! Each picture is made 640 x 480 and handed over as each kind of camera would.
//! With a second argument (yuyv, nv12 or mjpeg) only that is done, 100 times, for
//! `valgrind --tool=callgrind --toggle-collect='*prepare_frame*'`.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use image::RgbImage;
use mirror_inference::frame::{Frame, Health, Taken};
use mirror_inference::model::{Engine as _, Network, TfliteEngine};
use mirror_inference::picture;
use mirror_inference::pixels::{Colours, Layout, Pixels, YuvPicture};
use mirror_inference::preprocess::Preprocessor;
use mirror_inference::turn::{Rotation, Turn};
use tflitec::model::Model;

const SIZE: (u32, u32) = (640, 480);
const INPUT: u32 = 224;
const RUNS: usize = 200;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".cache/demo/scenes".to_owned());
    let pictures = load(Path::new(&folder))?;
    if let Some(name) = arguments.next() {
        let (_, send) = CAMERAS.iter().find(|(camera, _)| *camera == name).context("no such camera")?;
        let mut preprocessor = Preprocessor::new(INPUT, INPUT);
        for _ in 0..100 {
            // Each time another one: a frame is decoded once.
            std::hint::black_box(input(&mut preprocessor, &frame(send(&pictures[0]), Turn::NONE)));
        }
        return Ok(());
    }
    for (name, send) in CAMERAS {
        let plain = median(send, &pictures, Turn::NONE);
        let turned = median(send, &pictures, Turn { rotation: Rotation::Right, mirrored: true });
        let (plain, turned) = (plain.as_micros(), turned.as_micros());
        println!("{name:6} {plain:5} us, turned and mirrored {turned:5} us");
    }
    compare(&pictures)
}

/// What a camera makes of a picture.
type Send = fn(&RgbImage) -> Pixels;

const CAMERAS: [(&str, Send); 3] =
    [("yuyv", yuyv), ("nv12", nv12), ("mjpeg", |picture| Pixels::Jpeg(picture::encode_jpeg(picture)))];

fn frame(pixels: Pixels, turn: Turn) -> Frame {
    let (captured_at, captured) = (SystemTime::now(), Instant::now());
    let taken = Taken { pixels, captured_at, captured, source: String::new() };
    Frame::new(1, taken, turn, Health::default())
}

fn input(preprocessor: &mut Preprocessor, frame: &Frame) -> Vec<u8> {
    preprocessor.prepare_frame(frame).expect("not broken").to_vec()
}

fn median(send: Send, pictures: &[RgbImage], turn: Turn) -> Duration {
    let mut preprocessor = Preprocessor::new(INPUT, INPUT);
    let mut time = |picture| {
        let frame = frame(send(picture), turn);
        let start = Instant::now();
        std::hint::black_box(preprocessor.prepare_frame(&frame));
        start.elapsed()
    };
    let mut times: Vec<_> = pictures.iter().cycle().take(RUNS).map(&mut time).collect();
    times.sort();
    times[times.len() / 2]
}

/// Cosines of the embeddings of what a camera sends and of the picture itself.
fn compare(pictures: &[RgbImage]) -> anyhow::Result<()> {
    let file = std::env::var("MIRROR_MODEL").context("source deploy/env.sh first")?;
    let network = Network::load(Path::new(&file))?;
    let model = Model::from_bytes(&network.bytes)?;
    let mut engine = TfliteEngine::new(&model, 1)?;
    let mut preprocessor = Preprocessor::new(INPUT, INPUT);
    for (name, send) in CAMERAS {
        let mut cosines = Vec::new();
        for picture in pictures {
            let sent = engine.embed(&input(&mut preprocessor, &frame(send(picture), Turn::NONE)))?;
            let itself = engine.embed(preprocessor.prepare(picture))?;
            cosines.push(cosine(&sent, &itself));
        }
        cosines.sort_by(f32::total_cmp);
        let (least, median) = (cosines[0], cosines[cosines.len() / 2]);
        println!("{name:6} cosine with the picture itself: least {least:.4}, median {median:.4}");
    }
    Ok(())
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn load(folder: &Path) -> anyhow::Result<Vec<RgbImage>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("can't read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "jpg"))
        .collect();
    files.sort();
    let pictures: Vec<_> = files
        .iter()
        .step_by(files.len().div_ceil(60).max(1))
        .map(|file| anyhow::Ok(picture::shrink(&picture::decode(&std::fs::read(file)?)?, SIZE.0, SIZE.1)))
        .collect::<Result<_, _>>()?;
    anyhow::ensure!(!pictures.is_empty(), "{} has no .jpg", folder.display());
    Ok(pictures)
}

/// BT.601, limited range.
fn yuv(pixel: &image::Rgb<u8>) -> [f32; 3] {
    let [r, g, b] = pixel.0.map(f32::from);
    [
        16.0 + (65.481 * r + 128.553 * g + 24.966 * b) / 255.0,
        128.0 + (-37.797 * r - 74.203 * g + 112.0 * b) / 255.0,
        128.0 + (112.0 * r - 93.786 * g - 18.214 * b) / 255.0,
    ]
}

fn yuyv(picture: &RgbImage) -> Pixels {
    let pixels: Vec<_> = picture.pixels().map(yuv).collect();
    let pairs = pixels.as_chunks::<2>().0.iter();
    let mean = |a: f32, b: f32| ((a + b) / 2.0).round() as u8;
    let bytes: Vec<u8> = pairs
        .flat_map(|[a, b]| [a[0].round() as u8, mean(a[1], b[1]), b[0].round() as u8, mean(a[2], b[2])])
        .collect();
    of(Layout::Yuyv, picture, &bytes)
}

fn nv12(picture: &RgbImage) -> Pixels {
    let mut bytes: Vec<u8> = picture.pixels().map(|pixel| yuv(pixel)[0].round() as u8).collect();
    for y in (0..picture.height()).step_by(2) {
        for x in (0..picture.width()).step_by(2) {
            let four = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
            let four = four.map(|(x, y)| yuv(picture.get_pixel(x, y)));
            bytes.extend([1, 2].map(|i| (four.iter().map(|p| p[i]).sum::<f32>() / 4.0).round() as u8));
        }
    }
    of(Layout::Nv12, picture, &bytes)
}

fn of(layout: Layout, picture: &RgbImage, bytes: &[u8]) -> Pixels {
    let picture = YuvPicture::new(layout, picture.dimensions(), 0, Colours::default(), bytes);
    Pixels::Yuv(picture.expect("an even size"))
}
