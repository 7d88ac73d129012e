//! Do libedgetpu and TensorFlow Lite fit together?
//!
//! libedgetpu is compiled against TensorFlow Lite's internal structures, so it has to be
//! built for the very version that runs it. It doesn't say for which it was:
//! its version is that of the Edge TPU's runtime (14 since 2021, whatever it is
//! built for), with the compiler and, if not redacted, the day. So a misfit can
//! be seen at times, a fit never; only running a network whose answer is known
//! proves one.

use std::fmt;

use crate::library::Library;

/// The TensorFlow Lite that smart-mirror is made for, and libedgetpu has to be.
pub const TENSORFLOW_LITE: &str = "2.17.1";

/// What Coral's models need: `edgetpu_compiler` 16 compiles for it.
const EDGE_TPU_RUNTIME: u32 = 14;

/// When TensorFlow 2.17 was published: what is older can't be built for it.
const PUBLISHED: u32 = 2024;

/// Least GCC that knows all of C++17, which TensorFlow 2.17 is written in.
const GCC: u32 = 7;

/// What is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// Of TensorFlow Lite: `2.17.1`.
    pub tensorflow_lite: String,
    /// Of libedgetpu, as it says it: `BuildLabel(…), RuntimeVersion(14)`.
    pub edgetpu: String,
}

/// What the versions tell about the pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Nothing speaks against it. Nothing can speak for it.
    Unproven,
    /// This speaks against it: worth a warning.
    Doubtful(String),
}

impl Versions {
    /// Of `library` and the TensorFlow Lite that is linked.
    #[must_use]
    pub fn of(library: &Library) -> Self {
        Self { tensorflow_lite: tflitec::tf_lite_version().to_owned(), edgetpu: library.version() }
    }

    /// Version of the Edge TPU's runtime, if libedgetpu says it in the known form.
    #[must_use]
    pub fn edge_tpu_runtime(&self) -> Option<u32> {
        number_behind(&self.edgetpu, "RuntimeVersion(")
    }

    /// What speaks against the pair.
    #[must_use]
    pub fn fit(&self) -> Fit {
        let Self { tensorflow_lite, edgetpu } = self;
        let doubt = match (self.edge_tpu_runtime(), self.built_in(), number_behind(edgetpu, "COMPILER=")) {
            _ if tensorflow_lite != TENSORFLOW_LITE => format!(
                "TensorFlow Lite {tensorflow_lite} is linked, not {TENSORFLOW_LITE}: libedgetpu has to be built for it"
            ),
            (None, ..) => format!("libedgetpu has no version of the known form: {edgetpu:?}"),
            (Some(runtime), ..) if runtime < EDGE_TPU_RUNTIME => {
                format!("libedgetpu's runtime is version {runtime}, older than {EDGE_TPU_RUNTIME}")
            }
            (_, Some(year), _) if year < PUBLISHED => format!(
                "libedgetpu was built in {year}, before there was TensorFlow {TENSORFLOW_LITE} to build it for"
            ),
            (_, _, Some(gcc)) if gcc < GCC => format!(
                "libedgetpu was compiled with GCC {gcc}, which can't compile TensorFlow {TENSORFLOW_LITE}: it was built for an older one"
            ),
            _ => return Fit::Unproven,
        };
        Fit::Doubtful(doubt)
    }

    /// The year in `DATE=Nov 25 2024`; Google's own packages have `redacted`.
    fn built_in(&self) -> Option<u32> {
        let (_, date) = self.edgetpu.split_once("DATE=")?;
        date.split([',', ')']).next()?.split_whitespace().nth(2)?.parse().ok()
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TensorFlow Lite {}, libedgetpu {}", self.tensorflow_lite, self.edgetpu)
    }
}

fn number_behind(text: &str, mark: &str) -> Option<u32> {
    let (_, rest) = text.split_once(mark)?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(tensorflow_lite: &str, edgetpu: &str) -> Versions {
        Versions { tensorflow_lite: tensorflow_lite.to_owned(), edgetpu: edgetpu.to_owned() }
    }

    #[test]
    fn a_fit_is_never_proven() {
        for edgetpu in [
            "BuildLabel(COMPILER=12.2.0,DATE=Nov  2 2024,TIME=10:00:00), RuntimeVersion(14)",
            "BuildLabel(COMPILER=12.2.0,DATE=redacted,TIME=redacted), RuntimeVersion(14)",
            "BuildLabel(COMPILER=Clang 6.0.0,DATE=redacted,TIME=redacted), RuntimeVersion(15)",
            "BuildLabel(N/A), RuntimeVersion(14)",
        ] {
            assert_eq!(versions("2.17.1", edgetpu).fit(), Fit::Unproven, "{edgetpu}");
        }
    }

    #[test]
    fn what_can_not_fit_is_told_with_the_reason() {
        for (tensorflow_lite, edgetpu, reason) in [
            ("2.19.0", "BuildLabel(COMPILER=12.2.0), RuntimeVersion(14)", "2.19.0 is linked, not 2.17.1"),
            ("2.17.1", "", "no version of the known form"),
            ("2.17.1", "RuntimeVersion(new)", "no version of the known form"),
            ("2.17.1", "BuildLabel(COMPILER=12.2.0,DATE=redacted), RuntimeVersion(13)", "older than 14"),
            ("2.17.1", "BuildLabel(COMPILER=12.2.0,DATE=Mar 21 2022,TIME=1:2:3), RuntimeVersion(14)", "2022"),
            (
                "2.17.1",
                "BuildLabel(COMPILER=6.3.0 20170516,DATE=redacted,TIME=redacted), RuntimeVersion(14)",
                "GCC 6",
            ),
        ] {
            let Fit::Doubtful(doubt) = versions(tensorflow_lite, edgetpu).fit() else {
                panic!("nothing against {edgetpu}")
            };
            assert!(doubt.contains(reason), "{doubt}");
        }
    }

    #[test]
    fn both_are_told() {
        let text = versions("2.17.1", "RuntimeVersion(14)").to_string();
        assert_eq!(text, "TensorFlow Lite 2.17.1, libedgetpu RuntimeVersion(14)");
    }
}
