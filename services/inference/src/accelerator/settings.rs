//! What to compute with, as the settings say.

use std::path::PathBuf;
use std::time::Duration;

use mirror_edgetpu::{Choice, Performance};

/// What to compute with.
#[derive(Clone, Debug, clap::Args)]
pub struct AcceleratorSettings {
    /// auto (a Coral Edge TPU when there is one and the model has a file for it,
    /// X_edgetpu.tflite beside X.tflite; else, and while it is away, the
    /// processor), cpu, or edgetpu (never the processor).
    #[arg(long, env = "MIRROR_ACCELERATOR", default_value = "auto")]
    pub accelerator: AcceleratorChoice,

    /// Threads of the network on the CPU; unset: one less than there are cores,
    /// at most 4.
    #[arg(long, env = "MIRROR_THREADS", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub threads: Option<u8>,

    /// The file of libedgetpu; unset: where the system has it.
    #[arg(long, env = "MIRROR_EDGETPU_LIBRARY")]
    pub edgetpu_library: Option<PathBuf>,

    /// Which Edge TPU: usb, pci, usb:0, pci:1, :0, or a path; unset: the first.
    #[arg(long, env = "MIRROR_EDGETPU_DEVICE", default_value = "", hide_default_value = true)]
    pub edgetpu_device: Choice,

    /// Its clock: low, medium, high or max; unset: libedgetpu's own.
    #[arg(long, env = "MIRROR_EDGETPU_PERFORMANCE")]
    pub edgetpu_performance: Option<Performance>,

    /// Milliseconds after which an inference on the Edge TPU counts as stuck;
    /// opening it may take ten times as long.
    #[arg(
        long,
        env = "MIRROR_EDGETPU_DEADLINE_MS",
        default_value_t = 3000,
        value_parser = clap::value_parser!(u32).range(100..=30_000)
    )]
    pub edgetpu_deadline_ms: u32,

    /// The program that runs the Edge TPU; unset: this one.
    #[arg(long, hide = true)]
    pub edgetpu_worker: Option<PathBuf>,
}

impl AcceleratorSettings {
    /// Threads of the network on the CPU. Its threads wait for one another, so
    /// when a browser takes one's core all stand still: one core is left free.
    #[must_use]
    pub fn network_threads(&self) -> u8 {
        self.threads.unwrap_or_else(|| {
            let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            u8::try_from((cores - 1).clamp(1, 4)).expect("at most 4")
        })
    }

    /// How long one inference may take.
    #[must_use]
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.edgetpu_deadline_ms.into())
    }

    /// How long opening the device may take: it is given its firmware, and leaves
    /// and joins the bus, which takes seconds.
    #[must_use]
    pub(super) fn opening_deadline(&self) -> Duration {
        self.deadline() * 10
    }
}

/// What to compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum AcceleratorChoice {
    /// The best that is there.
    Auto,
    /// The processor, through XNNPACK.
    Cpu,
    /// A Coral Edge TPU.
    #[value(name = "edgetpu")]
    EdgeTpu,
}
