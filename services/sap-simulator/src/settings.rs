//! How the simulator behaves from the start: whom it lets in, and how long
//! what it says holds.

use std::time::Duration;

/// The simulator's settings. The defaults are what the demo uses.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The communication user of the OData services.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// The `sap-client` that is let in, three digits; empty for any.
    pub client: String,
    /// How long a list may be kept: `ExpiresOn` lies this far ahead.
    pub expiry: Duration,
    /// How long a session and its token are good.
    pub session_life: Duration,
    /// What the recommendation cache asks of its callers.
    pub access: AccessValues,
    /// The base site of the shop.
    pub occ_site: String,
    /// The merchant whose products are recommended the Emarsys way.
    pub merchant: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user: "MIRROR".to_owned(),
            password: "simulator".to_owned(),
            client: String::new(),
            expiry: Duration::from_secs(30),
            session_life: Duration::from_secs(30 * 60),
            access: AccessValues::default(),
            occ_site: "mirror-shop".to_owned(),
            merchant: "SIMULATOR".to_owned(),
        }
    }
}

/// The four values that tie a call of the recommendation cache to a tenant and
/// a scenario. Named as the parameters are.
#[derive(Clone, Debug)]
pub struct AccessValues {
    /// `_L54AD1F204_`, a string.
    pub l54ad1f204: String,
    /// `_K13_`, bare.
    pub k13: String,
    /// `_V_`, bare.
    pub v: String,
    /// `_K14_`, a string.
    pub k14: String,
}

impl Default for AccessValues {
    fn default() -> Self {
        Self {
            l54ad1f204: "c2NlbmFyaW8x".to_owned(),
            k13: "7".to_owned(),
            v: "1".to_owned(),
            k14: "a1b2".to_owned(),
        }
    }
}
