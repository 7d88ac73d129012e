//! The small HTTP port of a service: `/livez`, `/readyz`, `/metrics`.

use tokio::net::TcpListener;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};

use crate::readiness::Readiness;
use crate::shutdown::{Shutdown, drain};
use crate::telemetry;

/// The three routes, for a service that has an HTTP port of its own anyway.
#[must_use]
pub fn routes(readiness: Readiness) -> BoxedFilter<(Response,)> {
    let livez = warp::path!("livez").map(|| "alive\n".into_response());
    let readyz = warp::path!("readyz").map(move || ready(&readiness));
    let metrics = warp::path!("metrics").map(|| {
        let body = telemetry::metrics().render();
        warp::reply::with_header(body, "content-type", "text/plain; version=0.0.4").into_response()
    });
    warp::get().and(livez.or(readyz).unify().or(metrics).unify()).boxed()
}

/// Serves the three routes until `shutdown`.
pub async fn run(listener: TcpListener, readiness: Readiness, shutdown: Shutdown) {
    // Installed before the first request, so that nothing counted is lost.
    telemetry::metrics();
    serve(routes(readiness), listener, shutdown).await;
}

/// Serves `routes` until `shutdown`.
pub async fn serve(routes: BoxedFilter<(impl Reply + 'static,)>, listener: TcpListener, shutdown: Shutdown) {
    let server = warp::serve(routes).incoming(listener).graceful(shutdown.clone().cancelled_owned()).run();
    drain(server, shutdown).await;
}

fn ready(readiness: &Readiness) -> Response {
    let missing = readiness.missing();
    if missing.is_empty() {
        return "ready\n".into_response();
    }
    let lines: String = missing.iter().map(|(name, why)| format!("{name}: {why}\n")).collect();
    warp::reply::with_status(lines, StatusCode::SERVICE_UNAVAILABLE).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn readyz_names_what_is_missing() {
        let readiness = Readiness::default();
        let model = readiness.condition("model");
        let routes = routes(readiness);
        let answer = warp::test::request().path("/readyz").reply(&routes).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body(), "model: starting\n");
        model.holds();
        let answer = warp::test::request().path("/readyz").reply(&routes).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn metrics_are_rendered() {
        let routes = routes(Readiness::default());
        telemetry::metrics();
        metrics::counter!("mirror_test_total").increment(3);
        let answer = warp::test::request().path("/metrics").reply(&routes).await;
        let text = String::from_utf8_lossy(answer.body());
        assert!(text.contains("mirror_test_total 3"), "{text}");
    }
}
