//! Decides whether a run may send a request to a system, with the pace that all runs share.

use crate::Unavailable;
use crate::jobs::Target;
use crate::jobs::outbox::{AttemptOutcome, SystemAction};
use crate::model::backoff::wait_for_turn;
use crate::model::pace::{LONGEST_WAIT, Pace, Turn};
use crate::ports::{Clock, Paces, Random, Timer};
use chrono::{DateTime, Utc};
use std::cell::RefCell;

/// The identity of a run.
pub(super) struct Run {
    token: String,
    /// The systems that it uses and that only one run at a time may use.
    used: RefCell<Vec<Target>>,
}

impl Run {
    pub(super) fn new(token: String) -> Self {
        Self { token, used: RefCell::default() }
    }

    /// Lets other runs use these systems.
    pub(super) async fn end(&self, store: &impl Paces, env: &impl Clock) -> Result<(), Unavailable> {
        for target in self.used.take() {
            store.change_pace(target, env.now(), |pace, _| pace.end(&self.token)).await?;
        }
        Ok(())
    }

    /// Remembers that the run uses a system. Systems that share a pace count as one.
    fn uses(&self, target: Target) {
        let mut used = self.used.borrow_mut();
        if used.iter().all(|other| other.pace_name() != target.pace_name()) {
            used.push(target);
        }
    }
}

/// Controls the requests of a run to one system.
pub(super) struct Gate<'a> {
    system: Target,
    run: &'a Run,
    /// When the run ends.
    end: DateTime<Utc>,
    state: State,
    /// Whether the last delivery of all runs is unknown.
    unknown: bool,
    /// How many times in a row the system asked for fewer requests.
    slowed_down: u32,
}

/// After this many such answers in a row, the system is paused until the next run.
const MAX_SLOWED_DOWN: u32 = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No request was sent yet.
    Fresh,
    /// Requests are not limited.
    Open,
    /// Each request needs a turn.
    ByTurns,
    /// No more requests are sent in this run.
    Closed,
}

impl<'a> Gate<'a> {
    pub(super) fn new(system: Target, run: &'a Run, end: DateTime<Utc>) -> Self {
        Self { system, run, end, state: State::Fresh, unknown: false, slowed_down: 0 }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Waits until a request may be sent; false if that is not possible in this run.
    pub(super) async fn opens(&mut self, store: &impl Paces, env: &(impl Clock + Timer)) -> Result<bool, Unavailable> {
        if self.state == State::Fresh {
            self.state = self.begin(store, env).await?;
        }
        if self.state == State::ByTurns {
            let rate = self.system.rate();
            if rate.is_some() {
                self.run.uses(self.system);
            }
            let turn = |pace: &mut Pace, now| pace.turn(rate, &self.run.token, now);
            match store.change_pace(self.system, env.now(), turn).await? {
                Turn::In(wait) if env.now() + wait < self.end => env.sleep(wait).await,
                Turn::In(_) | Turn::NotNow => self.state = State::Closed,
            }
        }
        if env.now() >= self.end {
            self.state = State::Closed;
        }
        Ok(!self.is_closed())
    }

    async fn begin(&mut self, store: &impl Paces, env: &impl Clock) -> Result<State, Unavailable> {
        if self.system.rate().is_some() {
            return Ok(State::ByTurns);
        }
        let (pace, now) = store.pace(self.system, env.now()).await?;
        self.unknown = pace.doubts > 0;
        Ok(if pace.is_free(now) { State::Open } else { State::ByTurns })
    }

    /// Updates the pace after an attempt. If the system asks for a short pause, it waits for it.
    pub(super) async fn learn(
        &mut self,
        store: &impl Paces,
        env: &(impl Clock + Random + Timer),
        outcome: AttemptOutcome,
    ) -> Result<(), Unavailable> {
        let (system, now) = (self.system, env.now());
        let slowed_down = matches!(outcome, AttemptOutcome::PutOff(SystemAction::SlowDown { .. }));
        self.slowed_down = if slowed_down { self.slowed_down + 1 } else { 0 };
        match outcome {
            AttemptOutcome::Delivered if self.unknown => {
                self.unknown = false;
                store.change_pace(system, now, |pace, _| pace.doubts = 0).await
            }
            AttemptOutcome::Delivered | AttemptOutcome::GivenUp | AttemptOutcome::PutOff(SystemAction::Continue) => {
                Ok(())
            }
            AttemptOutcome::Gone => {
                self.state = State::Closed;
                Ok(())
            }
            AttemptOutcome::PutOff(SystemAction::SlowDown { after, gap }) => {
                store.change_pace(system, now, |pace, now| pace.slow_down(after, gap, now)).await?;
                let pause = wait_for_turn(after);
                if pause > LONGEST_WAIT || now + pause >= self.end || self.slowed_down >= MAX_SLOWED_DOWN {
                    self.state = State::Closed;
                } else {
                    self.state = State::ByTurns;
                    env.sleep(pause).await;
                }
                Ok(())
            }
            AttemptOutcome::PutOff(SystemAction::Pause { after, unknown }) => {
                self.state = State::Closed;
                let (unknown, random) = (unknown && system.is_repeat_costly(), env.random());
                if after.is_none() && !unknown {
                    return Ok(());
                }
                let learn = |pace: &mut Pace, now| {
                    if unknown {
                        pace.record_unknown(random, now);
                    }
                    pace.pause(after.unwrap_or_default(), now);
                };
                store.change_pace(system, now, learn).await
            }
        }
    }
}
