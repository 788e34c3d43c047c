//! What metrics recorders are told of flushes that fail.

use crate::{
    behind::{products, view},
    fixtures::{dead_letters, eventually},
};
use behaviour_tests::Product;
use cache_runtime::{Fault, Queue};
use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

/// Counts by name and labels.
#[derive(Default)]
struct Meter(Counts);

struct One(String, Counts);

impl CounterFn for One {
    fn increment(&self, value: u64) {
        *self.1.lock().unwrap().entry(self.0.clone()).or_default() += value;
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Meter {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Counter::from_arc(Arc::new(One(format!("{} {}", key.name(), labels.join(",")), self.0.clone())))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn retries_and_halvings_are_counted_by_function() {
    let meter = Meter::default();
    let counts = meter.0.clone();
    let _guard = metrics::set_default_local_recorder(&meter);
    let products = products(
        Queue::memory()
            .attempts(2)
            .classify(|_| Some(Fault::Permanent))
            .flush_every(Duration::from_millis(5)),
    );
    products.view(Product { category: "poison".into(), ..view(1, 5) }).await.unwrap();
    for id in 2..=9 {
        products.view(view(id, 5)).await.unwrap();
    }
    eventually("it is given up", || dead_letters(&products.cache).len() == 1).await;
    let status = products.cache.write_behind().status().await.unwrap();
    let counted = |name: &str| {
        let counts = counts.lock().unwrap();
        let of_view = counts.iter().filter(|(key, _)| key.starts_with(name) && key.ends_with("::view"));
        of_view.map(|(_, count)| *count).sum::<u64>()
    };
    assert_eq!(counted("cache_flush_retries_total "), status.retries);
    assert_eq!(counted("cache_flush_halvings_total "), status.bisections);
    assert!(status.retries > 0 && status.bisections > 0, "{status:?}");
}
