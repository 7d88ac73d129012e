//! What a network takes and gives: pixels in, numbers out, whatever their type.

use mirror_edgetpu::ElementType;

use super::engine::EngineError;

/// Fewest and most values of an embedding: a shorter output is a classifier
/// for a handful of classes, a longer one was never pooled.
const DIMENSIONS: std::ops::RangeInclusive<usize> = 64..=8192;

/// The scale that TensorFlow Lite gives every quantised softmax: 1 / 256.
const SOFTMAX_SCALE: f32 = 0.003_906_25;

/// Size of the network's input, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSize {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl InputSize {
    /// Bytes of an RGB picture of this size.
    #[must_use]
    pub fn rgb_bytes(self) -> usize {
        3 * self.width as usize * self.height as usize
    }
}

/// A tensor's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    UInt8,
    Int8,
    Float32,
    Other,
}

/// A tensor, as a runtime describes it.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) element: Element,
    pub(crate) shape: Vec<usize>,
    /// Scale and zero point.
    pub(crate) quantization: Option<(f32, i32)>,
}

impl std::fmt::Display for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of shape {:?}", self.element, self.shape)
    }
}

impl From<&mirror_edgetpu::TensorInfo> for Tensor {
    fn from(info: &mirror_edgetpu::TensorInfo) -> Self {
        let element = match info.element {
            ElementType::UInt8 => Element::UInt8,
            ElementType::Int8 => Element::Int8,
            ElementType::Float32 => Element::Float32,
            ElementType::Other(_) => Element::Other,
        };
        let quantization = info.quantization.map(|q| (q.scale, q.zero_point));
        Self { element, shape: info.shape.clone(), quantization }
    }
}

/// How pixels become the network's input, and its output numbers.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) input_size: InputSize,
    pub(crate) dimensions: usize,
    input: Element,
    output: Output,
    /// The output is a softmax's: shares that sum to 1.
    shares: bool,
}

#[derive(Clone, Copy, Debug)]
enum Output {
    Unsigned { scale: f32, zero_point: i32 },
    Signed { scale: f32, zero_point: i32 },
    Float,
}

impl Layout {
    /// Of a network with this input and output, `inputs` in all.
    pub(crate) fn new(input: &Tensor, inputs: usize, output: &Tensor) -> Result<Self, EngineError> {
        let input_size = picture(input)
            .filter(|_| inputs == 1)
            .ok_or_else(|| EngineError::NotAnImageNetwork(input.to_string()))?;
        let (kind, dimensions) =
            vector(output).ok_or_else(|| EngineError::NotAnEmbedding(output.to_string()))?;
        let shares = output.quantization.is_some_and(|(scale, _)| scale == SOFTMAX_SCALE);
        Ok(Self { input_size, dimensions, input: input.element, output: kind, shares })
    }

    /// Refuses a classifier. Only for a network that can't be cut headless.
    pub(crate) fn without_head(self) -> Result<Self, EngineError> {
        if self.shares { Err(EngineError::CompiledClassifier(self.dimensions)) } else { Ok(self) }
    }

    /// The network's input for RGB pixels. Quantised networks of the MobileNet
    /// family take pixels as they are, or less 128 when signed; float ones take
    /// -1 to 1. `kept` may be used for it.
    pub(crate) fn input<'a>(&self, rgb: &'a [u8], kept: &'a mut Vec<u8>) -> &'a [u8] {
        kept.clear();
        match self.input {
            Element::Int8 => kept.extend(rgb.iter().map(|value| value ^ 0x80)),
            Element::Float32 => {
                kept.extend(rgb.iter().flat_map(|value| (f32::from(*value) / 127.5 - 1.0).to_ne_bytes()));
            }
            Element::UInt8 | Element::Other => return rgb,
        }
        kept
    }

    /// The numbers that the network's output stands for.
    pub(crate) fn values(&self, output: &[u8]) -> Vec<f32> {
        match self.output {
            Output::Unsigned { scale, zero_point } => {
                output.iter().map(|value| (i32::from(*value) - zero_point) as f32 * scale).collect()
            }
            Output::Signed { scale, zero_point } => {
                let signed = output.iter().map(|value| value.cast_signed());
                signed.map(|value| (i32::from(value) - zero_point) as f32 * scale).collect()
            }
            Output::Float => output.as_chunks().0.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect(),
        }
    }
}

fn picture(input: &Tensor) -> Option<InputSize> {
    let &[1, height, width, 3] = input.shape.as_slice() else { return None };
    let size = |length: usize| u32::try_from(length).ok().filter(|length| (16..=2048).contains(length));
    let input_size = InputSize { width: size(width)?, height: size(height)? };
    (input.element != Element::Other).then_some(input_size)
}

fn vector(output: &Tensor) -> Option<(Output, usize)> {
    let (dimensions, rest) = output.shape.split_last()?;
    if !DIMENSIONS.contains(dimensions) || rest.iter().any(|length| *length != 1) {
        return None;
    }
    let kind = match (output.element, output.quantization) {
        (Element::UInt8, Some((scale, zero_point))) => Output::Unsigned { scale, zero_point },
        (Element::Int8, Some((scale, zero_point))) => Output::Signed { scale, zero_point },
        (Element::Float32, _) => Output::Float,
        _ => return None,
    };
    Some((kind, *dimensions))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(element: Element, shape: &[usize], quantization: Option<(f32, i32)>) -> Tensor {
        Tensor { element, shape: shape.to_vec(), quantization }
    }

    fn layout(input: Element, output: Element, quantization: Option<(f32, i32)>) -> Layout {
        let input = tensor(input, &[1, 16, 32, 3], None);
        Layout::new(&input, 1, &tensor(output, &[1, 1, 1, 64], quantization)).unwrap()
    }

    #[test]
    fn pixels_become_what_the_network_takes() {
        let mut kept = Vec::new();
        let of = |element| layout(element, Element::Float32, None);
        assert_eq!(of(Element::UInt8).input(&[0, 128, 255], &mut kept), [0, 128, 255]);
        assert_eq!(of(Element::Int8).input(&[0, 128, 255], &mut kept), [0x80, 0, 127]);
        let floats = of(Element::Float32).input(&[0, 255], &mut kept).to_vec();
        assert_eq!(floats, [(-1.0_f32).to_ne_bytes(), 1.0_f32.to_ne_bytes()].concat());
        assert_eq!(of(Element::UInt8).input_size.rgb_bytes(), 1536);
    }

    #[test]
    fn what_comes_out_becomes_numbers() {
        let unsigned = layout(Element::UInt8, Element::UInt8, Some((0.5, 128)));
        assert_eq!(unsigned.values(&[126, 128, 255]), [-1.0, 0.0, 63.5]);
        let signed = layout(Element::UInt8, Element::Int8, Some((0.5, -1)));
        assert_eq!(signed.values(&[0x80, 0xff, 127]), [-63.5, 0.0, 64.0]);
        let float = layout(Element::UInt8, Element::Float32, None);
        assert_eq!(float.values(&[1.5_f32.to_ne_bytes(), (-2.0_f32).to_ne_bytes()].concat()), [1.5, -2.0]);
    }

    #[test]
    fn networks_of_another_shape_are_refused_in_words() {
        let input = tensor(Element::UInt8, &[1, 224, 224, 3], None);
        let output = tensor(Element::UInt8, &[1, 1024], Some((0.02, 0)));
        for wrong in [
            tensor(Element::UInt8, &[1, 224, 224, 1], None),
            tensor(Element::UInt8, &[2, 224, 224, 3], None),
            tensor(Element::UInt8, &[1, 8, 224, 3], None),
            tensor(Element::Other, &[1, 224, 224, 3], None),
        ] {
            let error = Layout::new(&wrong, 1, &output).unwrap_err();
            assert!(matches!(error, EngineError::NotAnImageNetwork(_)), "{error}");
        }
        assert!(matches!(Layout::new(&input, 2, &output), Err(EngineError::NotAnImageNetwork(_))));
        for wrong in [
            tensor(Element::UInt8, &[1, 1024], None),
            tensor(Element::UInt8, &[1, 7, 7, 1024], Some((0.02, 0))),
            tensor(Element::UInt8, &[1, 10], Some((0.02, 0))),
            tensor(Element::Float32, &[], None),
        ] {
            let error = Layout::new(&input, 1, &wrong).unwrap_err();
            assert!(matches!(error, EngineError::NotAnEmbedding(_)), "{error}");
        }
    }

    #[test]
    fn a_classifier_that_can_not_be_cut_is_told_by_its_softmax() {
        let input = tensor(Element::UInt8, &[1, 224, 224, 3], None);
        let scores = tensor(Element::UInt8, &[1, 1001], Some((SOFTMAX_SCALE, 0)));
        let error = Layout::new(&input, 1, &scores).unwrap().without_head().unwrap_err().to_string();
        assert!(error.contains("1001 scores") && error.contains("extractor"), "{error}");
        let embedding = tensor(Element::UInt8, &[1, 1, 1, 1024], Some((0.023_528_48, 0)));
        Layout::new(&input, 1, &embedding).unwrap().without_head().unwrap();
    }
}
