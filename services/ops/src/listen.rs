//! Listening addresses.

use std::net::SocketAddr;

use tokio::net::TcpListener;

/// A listener could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {addr} for {what}: {cause}; free the port or move it with {variable}=HOST:PORT")]
pub struct ListenError {
    addr: SocketAddr,
    what: &'static str,
    variable: &'static str,
    cause: std::io::Error,
}

/// The bound ports of a service that speaks gRPC.
#[derive(Debug)]
pub struct Listeners {
    /// gRPC.
    pub grpc: TcpListener,
    /// /metrics, /livez, /readyz.
    pub http: TcpListener,
}

impl Listeners {
    /// Binds both; each comes with the environment variable that moves it.
    ///
    /// # Errors
    /// As [`bind`].
    pub async fn bind(
        (grpc, grpc_variable): (SocketAddr, &'static str),
        (http, http_variable): (SocketAddr, &'static str),
    ) -> Result<Self, ListenError> {
        Ok(Self {
            grpc: bind(grpc, "gRPC", grpc_variable).await?,
            http: bind(http, "metrics", http_variable).await?,
        })
    }
}

/// Binds `addr` for `what` ("gRPC", "metrics"); `variable` is the environment
/// variable that moves it.
///
/// # Errors
/// When the port is taken or the address is not this machine's.
pub async fn bind(
    addr: SocketAddr,
    what: &'static str,
    variable: &'static str,
) -> Result<TcpListener, ListenError> {
    TcpListener::bind(addr).await.map_err(|cause| ListenError { addr, what, variable, cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named_with_the_variable_that_moves_it() {
        let first = bind("127.0.0.1:0".parse().unwrap(), "gRPC", "MIRROR_TEST_ADDR").await.unwrap();
        let addr = first.local_addr().unwrap();
        let error = bind(addr, "gRPC", "MIRROR_TEST_ADDR").await.unwrap_err().to_string();
        assert!(error.contains(&addr.to_string()), "{error}");
        assert!(error.contains("MIRROR_TEST_ADDR"), "{error}");
    }
}
