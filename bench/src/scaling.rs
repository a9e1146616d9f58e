//! Simulates how many replicas a load needs: requests arrive at random, wait for a core of
//! their replica, then for a core of the database. `deploy/scaling.md` has the results.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Nine of ten requests read one row, one enrols. Microseconds of CPU in the service and in
/// the database for each, measured by `make bench`.
const READ: Work = Work { service: 520, database: 300 };
const ENROL: Work = Work { service: 1630, database: 1000 };
/// Cores of a replica, as `deploy/spinkube/base/spinapp.yaml` limits it.
const CORES: usize = 2;
/// How long 99 of 100 requests may wait for cores at most, in µs.
const PATIENCE: u64 = 20_000;
const REQUESTS: usize = 200_000;

struct Work {
    service: u64,
    database: u64,
}

/// Prints a line for each load.
pub(crate) fn print() {
    println!("requests/s  replicas of {CORES} cores  database cores  connections opened/s  p99 of waiting");
    for load in [1_000, 10_000, 100_000] {
        let (replicas, database, wait) = needed(load);
        println!("{load:>10}  {replicas:>20}  {database:>14}  {load:>20}  {:>11} ms", wait / 1000);
    }
}

/// The fewest replicas, and the fewest cores of the database for them.
fn needed(load: u64) -> (usize, usize, u64) {
    let plenty = usize::try_from(load / 100).unwrap_or(usize::MAX).max(16);
    let enough = |replicas, database| wait(load, replicas, database) <= PATIENCE;
    let replicas = first(1, plenty, |replicas| enough(replicas, plenty));
    let database = first(1, plenty, |database| enough(replicas, database));
    (replicas, database, wait(load, replicas, database))
}

/// The first number of a range for which `does` is true, if it is true for all after it.
fn first(mut from: usize, mut to: usize, does: impl Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = usize::midpoint(from, to);
        if does(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

/// How long 99 of 100 requests wait at most, in µs.
fn wait(load: u64, replicas: usize, database: usize) -> u64 {
    let mut random = fastrand::Rng::with_seed(1);
    let mut services: Vec<_> = (0..replicas).map(|_| cores(CORES)).collect();
    let mut arrival = 0.0;
    let mut arrived = Vec::with_capacity(REQUESTS);
    for number in 0..REQUESTS {
        #[allow(clippy::cast_precision_loss, reason = "at most 100,000")]
        let mean = 1e6 / load as f64;
        arrival -= mean * (1.0 - random.f64()).ln();
        let work = if random.u8(..10) == 0 { ENROL } else { READ };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time in µs")]
        let now = arrival as u64;
        let Some(service) = services.get_mut(number % replicas) else { continue };
        let (waited, done) = take(service, now, around(&mut random, work.service));
        arrived.push((done, waited, around(&mut random, work.database)));
    }
    arrived.sort_unstable();
    let mut free = cores(database);
    let mut waits: Vec<_> =
        arrived.into_iter().map(|(at, waited, work)| waited + take(&mut free, at, work).0).collect();
    waits.sort_unstable();
    waits.get(waits.len() * 99 / 100).copied().unwrap_or_default()
}

/// The times when each core is free again, the earliest first.
fn cores(number: usize) -> BinaryHeap<Reverse<u64>> {
    std::iter::repeat_n(Reverse(0), number).collect()
}

/// Waits for a core and uses it. Returns the wait and the end.
fn take(cores: &mut BinaryHeap<Reverse<u64>>, at: u64, work: u64) -> (u64, u64) {
    let free = cores.pop().map_or(at, |Reverse(free)| free);
    let start = at.max(free);
    cores.push(Reverse(start + work));
    (start - at, start + work)
}

/// A random value between half and one and a half of it.
fn around(random: &mut fastrand::Rng, mean: u64) -> u64 {
    mean / 2 + random.u64(..=mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_finds_the_smallest() {
        assert_eq!(first(1, 100, |number| number >= 37), 37);
        assert_eq!(first(1, 100, |_| true), 1);
        assert_eq!(first(1, 100, |_| false), 100, "the last one is not tested");
    }

    #[test]
    fn a_core_does_one_thing_after_the_other() {
        let mut cores = cores(1);
        assert_eq!(take(&mut cores, 0, 10), (0, 10));
        assert_eq!(take(&mut cores, 4, 10), (6, 20));
        assert_eq!(take(&mut cores, 30, 10), (0, 40));
    }

    #[test]
    fn too_much_load_waits_too_long() {
        assert!(wait(1_000, 1, 1) <= PATIENCE);
        assert!(wait(4_000, 1, 1) > PATIENCE);
        assert!(wait(4_000, 4, 4) <= PATIENCE);
    }
}
