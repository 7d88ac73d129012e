//! The process that runs the Edge TPU. It reads and writes the socket that is its
//! standard input, and ends when the service hangs up.

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::Context as _;
use mirror_edgetpu::{
    Choice, Device, DeviceError, Fit, Interpreter, Library, LibraryError, Options, Performance, Versions,
};
use prost::Message as _;

use super::protocol::{self, Answer, Open, Opened};
use crate::model::{EngineError, Layout, Tensor};

/// Serves the socket on standard input until it is closed.
///
/// # Errors
/// When standard input is no socket, or what comes is not understood.
pub fn run() -> anyhow::Result<()> {
    // A device stays open as long as its process lives, so this one must not
    // outlive the service, whatever it is stuck in.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("can't follow the service to its end")?;
    let stdin = io::stdin().as_fd().try_clone_to_owned().context("no standard input")?;
    serve(UnixStream::from(stdin))
}

fn serve(mut stream: UnixStream) -> anyhow::Result<()> {
    let mut message = Vec::new();
    protocol::receive(&mut stream, &mut message).context("the service says nothing")?;
    let open = Open::decode(message.as_slice()).context("the service is another version")?;
    let mut network = match Network::open(open) {
        Ok(network) => network,
        Err(refusal) => {
            let (problem, absent) = (refusal.to_string(), refusal.is_absence());
            let opened = Opened { problem, absent, ..Opened::default() };
            return Ok(protocol::send(&mut stream, &opened.encode_to_vec())?);
        }
    };
    protocol::send(&mut stream, &network.opened().encode_to_vec())?;
    loop {
        match protocol::receive(&mut stream, &mut message) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let answer = match network.embed(&message) {
            Ok(values) => Answer { values, ..Answer::default() },
            Err(error) => Answer { problem: error.to_string(), ..Answer::default() },
        };
        protocol::send(&mut stream, &answer.encode_to_vec())?;
    }
}

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("{0}")]
    Setting(String),
    #[error("can't use the model: {0}")]
    Interpreter(#[from] mirror_edgetpu::InterpreterError),
    #[error("can't use the model: {0}")]
    Engine(#[from] EngineError),
}

impl Refusal {
    fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Library(LibraryError::NotInstalled)
                | Self::Device(DeviceError::None | DeviceError::NotThere { .. })
        )
    }
}

/// A network on a device.
struct Network {
    interpreter: Interpreter,
    layout: Layout,
    device: Device,
    versions: Versions,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Network {
    fn open(open: Open) -> Result<Self, Refusal> {
        let setting = |error: &dyn std::error::Error| Refusal::Setting(error.to_string());
        let choice: Choice = open.device.parse().map_err(|error| setting(&error))?;
        let performance = Some(open.performance.as_str()).filter(|level| !level.is_empty());
        let performance =
            performance.map(str::parse::<Performance>).transpose().map_err(|error| setting(&error))?;
        let options = Options { performance, ..Options::default() };

        let file = Some(Path::new(&open.library)).filter(|file| !file.as_os_str().is_empty());
        let library = Library::load(file)?;
        let devices = library.devices();
        let device = choice.pick(&devices)?.clone();
        let delegate = library.delegate(&device, &options)?;
        let interpreter = Interpreter::new(open.model, Some(delegate), 1)?;
        let (input, output) = (Tensor::from(interpreter.input()), Tensor::from(interpreter.output()));
        let layout = Layout::new(&input, 1, &output)?.without_head()?;
        let versions = Versions::of(&library);
        let mut network =
            Self { interpreter, layout, device, versions, input: Vec::new(), output: Vec::new() };
        // The first run brings the network's weights to the device: not to be
        // measured against the deadline of a frame.
        network.embed(&vec![0x80; network.layout.input_size.rgb_bytes()])?;
        Ok(network)
    }

    fn opened(&self) -> Opened {
        let doubt = match self.versions.fit() {
            Fit::Unproven => String::new(),
            Fit::Doubtful(doubt) => doubt,
        };
        Opened {
            input_width: self.layout.input_size.width,
            input_height: self.layout.input_size.height,
            dimensions: u32::try_from(self.layout.dimensions).expect("at most 8192"),
            device: self.device.to_string(),
            library: self.versions.edgetpu.clone(),
            doubt,
            ..Opened::default()
        }
    }

    fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, mirror_edgetpu::InterpreterError> {
        let input = self.layout.input(rgb, &mut self.input);
        self.interpreter.invoke(input, &mut self.output)?;
        Ok(self.layout.values(&self.output))
    }
}
