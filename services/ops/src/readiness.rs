//! What has to work before a service can do its job.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A latch of named conditions; ready when all of them hold. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    conditions: Arc<Mutex<BTreeMap<&'static str, Option<String>>>>,
}

impl Readiness {
    /// Adds a condition that doesn't hold yet.
    #[must_use]
    pub fn condition(&self, name: &'static str) -> Condition {
        let condition = Condition { name, readiness: self.clone() };
        condition.lost("starting");
        condition
    }

    /// The conditions that don't hold, each with its reason; empty when ready.
    #[must_use]
    pub fn missing(&self) -> Vec<(&'static str, String)> {
        let conditions = self.conditions.lock().unwrap_or_else(PoisonError::into_inner);
        conditions.iter().filter_map(|(name, reason)| Some((*name, reason.clone()?))).collect()
    }

    fn set(&self, name: &'static str, reason: Option<String>) {
        let mut conditions = self.conditions.lock().unwrap_or_else(PoisonError::into_inner);
        conditions.insert(name, reason);
    }
}

/// One thing that readiness needs.
#[derive(Clone, Debug)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

impl Condition {
    /// It holds.
    pub fn holds(&self) {
        self.readiness.set(self.name, None);
    }

    /// It doesn't hold, and why.
    pub fn lost(&self, reason: impl Into<String>) {
        self.readiness.set(self.name, Some(reason.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_when_every_condition_holds() {
        let readiness = Readiness::default();
        assert!(readiness.missing().is_empty());
        let (database, model) = (readiness.condition("database"), readiness.condition("model"));
        assert_eq!(readiness.missing().len(), 2);
        database.holds();
        model.holds();
        assert!(readiness.missing().is_empty());
        database.lost("disk full");
        assert_eq!(readiness.missing(), [("database", "disk full".to_owned())]);
    }
}
