//! How many orders of threads a scenario is run in, and which.

use shuttle::{
    Config, FailurePersistence, Runner,
    scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The same orders in every run; `RACE_SEED` asks for others.
fn seed() -> u64 {
    std::env::var("RACE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_101)
}

/// How many orders of each kind a promise is tried in; `RACE_SCHEDULES` asks for more.
fn schedules() -> usize {
    std::env::var("RACE_SCHEDULES").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000)
}

fn run(scheduler: impl Scheduler + 'static, failures: FailurePersistence, scenario: fn()) -> usize {
    let mut config = Config::new();
    config.silence_warnings = true; // every order of memory counts as the strictest
    config.failure_persistence = failures;
    Runner::new(scheduler, config).run(scenario)
}

/// Runs a scenario in random orders, and in orders with few changes of thread at rare places. Panics with the order in which it fails.
pub fn explore(scenario: fn()) -> usize {
    let count = schedules();
    let random = RandomScheduler::new_from_seed(seed(), count);
    let rare = PctScheduler::new_from_seed(seed(), 3, count);
    let tried =
        run(random, FailurePersistence::Print, scenario) + run(rare, FailurePersistence::Print, scenario);
    println!("{tried} schedules");
    tried
}

/// Runs a scenario in every order there is. Panics with the order in which it fails, or when there are more than `most`.
pub fn explore_all(most: usize, scenario: fn()) -> usize {
    let tried = run(DfsScheduler::new(Some(most), false), FailurePersistence::Print, scenario);
    assert!(tried < most, "{most} orders were not all");
    println!("{tried} schedules, which are all");
    tried
}

/// What a scenario fails with in some order, if it does.
pub fn failure_of(scenario: fn()) -> Option<String> {
    fn failure(scheduler: impl Scheduler + 'static, scenario: fn()) -> Option<String> {
        let payload =
            catch_unwind(AssertUnwindSafe(|| run(scheduler, FailurePersistence::None, scenario))).err()?;
        let text = payload.downcast_ref::<String>().cloned();
        Some(text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
    }
    failure(PctScheduler::new_from_seed(seed(), 3, schedules()), scenario)
        .or_else(|| failure(RandomScheduler::new_from_seed(seed(), schedules()), scenario))
}
