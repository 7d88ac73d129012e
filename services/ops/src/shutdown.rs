//! Stopping: one token that everything long-lived listens to.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
pub use tokio_util::sync::CancellationToken as Shutdown;

/// A token that is cancelled by SIGTERM or SIGINT.
///
/// # Errors
/// When the process can't install signal handlers.
pub fn on_signal() -> std::io::Result<Shutdown> {
    let shutdown = Shutdown::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("Stopping");
        token.cancel();
    });
    Ok(shutdown)
}

/// How long open requests may take to end after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(2);

/// Runs `server` to its end, which `shutdown` brings about; a server that a
/// client keeps from ending is left after two seconds.
pub async fn drain<T>(server: impl Future<Output = T>, shutdown: Shutdown) -> Option<T> {
    tokio::select! {
        result = server => Some(result),
        () = async { shutdown.cancelled().await; tokio::time::sleep(DRAIN).await } => {
            tracing::warn!("Left open requests behind");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_ends_is_left() {
        let shutdown = Shutdown::new();
        shutdown.cancel();
        assert_eq!(drain(std::future::pending::<()>(), shutdown).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_ends_is_awaited() {
        let shutdown = Shutdown::new();
        shutdown.cancel();
        let server = tokio::time::sleep(DRAIN / 2);
        assert_eq!(drain(server, shutdown).await, Some(()));
    }
}
