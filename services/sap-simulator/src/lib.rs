//! A stand-in for SAP Marketing Cloud, for SAP Commerce and for the recommender
//! of Emarsys, for demos and tests only. It is no SAP product, and every answer
//! says so in the header `x-simulated-by`.
//!
//! One table (`table`) says what is recommended with what. All services are
//! views of it, each in the words of its original:
//!
//! | address | module | what it is |
//! |---|---|---|
//! | `/sap/opu/odata/sap/PROD_RECO_RUNTIME_SRV` | `runtime` | recommendations, feedback |
//! | `/sap/opu/odata/sap/API_MKT_PRODUCT_SRV` | `product_master` | names, pictures, links |
//! | `/reco/api/API_MKT_RECOMMENDATION_SRV` | `cache_service` | both, for browsers |
//! | `/occ/v2` | `occ` | a product with its price |
//! | `/merchants` | `emarsys` | all in one call |
//! | `/medias` | `media` | pictures |
//!
//! A request is read whole, recorded (`record`) and answered in
//! `dispatch`, where `faults` come in: the ways in which a real service
//! fails, switched on by a test or a demo. The page at `/` (`control`,
//! `page`) is where a marketeer changes what is recommended.

mod answer;
mod cache_service;
mod control;
mod dispatch;
mod emarsys;
mod faults;
mod logon;
mod media;
mod occ;
mod odata;
mod page;
mod product_master;
mod record;
mod request;
mod runtime;
mod seed;
mod session;
mod settings;
mod simulator;
mod table;

pub use faults::{BodyFault, Faults, GzipFault, PictureFault, Service};
pub use record::{Feedback, Impressions, Received};
pub use seed::{Seed, SeedError};
pub use settings::{AccessValues, Settings};
pub use simulator::Simulator;
pub use table::{Leading, ORIGIN, Product, Recommended, Scenario, TOPSELLERS, TRIGGER};
