//! From an address to the service behind it.

use mirror_ops::shutdown::Shutdown;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::filters::path::FullPath;
use warp::http::{HeaderMap, Method, StatusCode};
use warp::reply::Response;

use crate::answer::Answer;
use crate::faults::Service;
use crate::request::{MAX_BODY, Request, bounded, decoded};
use crate::{Simulator, cache_service, control, emarsys, media, occ, odata, page, product_master, runtime};

/// Where the gateway's services are.
const GATEWAY: &str = "/sap/opu/odata/sap/";

/// Everything, until `shutdown`.
pub(crate) fn routes(simulator: Simulator, shutdown: Shutdown) -> BoxedFilter<(Response,)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |method: Method, path: FullPath, query: String, headers: HeaderMap, body| {
            let (simulator, shutdown) = (simulator.clone(), shutdown.clone());
            async move {
                let Some(body) = bounded(body).await else {
                    let text = format!("A body may have {MAX_BODY} bytes");
                    return Answer::text(StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
                };
                let request = Request { method, path: path.as_str().to_owned(), query, headers, body };
                answer(&simulator, &request, &shutdown).await.into_response()
            }
        })
        .boxed()
}

async fn answer(simulator: &Simulator, request: &Request, shutdown: &Shutdown) -> Answer {
    let Some((service, rest)) = service(&request.path) else { return elsewhere(simulator, request) };
    let number = simulator.record().arrived(request);
    let faults = simulator.meet_faults(service, request);
    let answer = match faults.instead(service, request, shutdown).await {
        Some(answer) => answer,
        None => serve(simulator, service, request, rest),
    };
    let answer = faults.spoilt(answer, service, request, shutdown);
    simulator.record().answered(number, answer.status.as_u16());
    answer
}

/// The service that `path` belongs to, and what follows its root.
fn service(path: &str) -> Option<(Service, &str)> {
    let under = |root: &str| {
        let rest = path.strip_prefix(root)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    };
    let roots = [
        (Service::Runtime, "/sap/opu/odata/sap/PROD_RECO_RUNTIME_SRV"),
        (Service::ProductMaster, "/sap/opu/odata/sap/API_MKT_PRODUCT_SRV"),
        (Service::Cache, "/reco/api/API_MKT_RECOMMENDATION_SRV"),
        (Service::Occ, "/occ/v2"),
        (Service::Emarsys, "/merchants"),
        (Service::Media, "/medias"),
    ];
    roots.into_iter().find_map(|(service, root)| Some((service, under(root)?)))
}

/// The technical name of a service, for errors.
pub(crate) fn name(service: Service) -> &'static str {
    match service {
        Service::Runtime => runtime::NAME,
        Service::ProductMaster => product_master::NAME,
        Service::Cache => cache_service::NAME,
        Service::Occ => "OCC",
        Service::Emarsys => "EMARSYS",
        Service::Media => "MEDIA",
    }
}

fn serve(simulator: &Simulator, service: Service, request: &Request, rest: &str) -> Answer {
    let segment = decoded(rest);
    let result = match service {
        Service::Runtime => runtime::answer(simulator, request, &segment),
        Service::ProductMaster => product_master::answer(simulator, request, &segment),
        Service::Cache => cache_service::answer(simulator, request, &segment),
        Service::Occ => return occ::answer(simulator, request, rest),
        Service::Emarsys => return emarsys::answer(simulator, request, rest),
        Service::Media => return media::answer(simulator, request, rest),
    };
    odata::answer(result, request, name(service))
}

/// The page, what it asks for, and addresses where nothing is.
fn elsewhere(simulator: &Simulator, request: &Request) -> Answer {
    let path = request.path.as_str();
    if let Some(rest) = path.strip_prefix("/simulator/") {
        return control::answer(simulator, request, rest);
    }
    if let Some(unknown) = path.strip_prefix(GATEWAY) {
        let name = unknown.split('/').next().unwrap_or_default();
        return odata::answer(Err(odata::unknown_service(name)), request, name);
    }
    page::answer(request).unwrap_or_else(|| {
        let message = format!("There is nothing at {path}");
        odata::answer(Err(odata::not_found(message)), request, "")
    })
}
