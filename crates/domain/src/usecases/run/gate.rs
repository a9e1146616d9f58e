//! Whether a system may be asked: a run's way to keep to the pace that all runs have in
//! common.

use crate::Unavailable;
use crate::jobs::Target;
use crate::jobs::outbox::{AttemptOutcome, Others};
use crate::model::backoff::wait_for_turn;
use crate::model::pace::{LONGEST_WAIT, Pace, Turn};
use crate::ports::{Clock, Paces, Random, Timer};
use chrono::{DateTime, Utc};
use std::cell::RefCell;

/// A run, as the systems tell one from another.
pub(super) struct Run {
    token: String,
    /// The systems that it has asked of those that take one run at a time.
    asked: RefCell<Vec<Target>>,
}

impl Run {
    pub(super) fn new(token: String) -> Self {
        Self { token, asked: RefCell::default() }
    }

    /// Lets the next run ask.
    pub(super) async fn end(&self, store: &impl Paces, env: &impl Clock) -> Result<(), Unavailable> {
        for target in self.asked.take() {
            store.change_pace(target, env.now(), |pace, _| pace.end(&self.token)).await?;
        }
        Ok(())
    }

    /// Remembers that it asks a system. Those with one pace in common are one.
    fn asks(&self, target: Target) {
        let mut asked = self.asked.borrow_mut();
        if asked.iter().all(|other| other.pace_name() != target.pace_name()) {
            asked.push(target);
        }
    }
}

/// The way to one system.
pub(super) struct Gate<'a> {
    system: Target,
    run: &'a Run,
    /// When the run ends.
    end: DateTime<Utc>,
    state: State,
    /// Whether the last run or this one left something in doubt.
    in_doubt: bool,
    /// How often in a row the system asked for fewer requests.
    slowed_down: u32,
}

/// A system that takes nothing at all, however long it is waited for, is left for the next
/// run.
const SLOWED_DOWN: u32 = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The system was not asked yet.
    Fresh,
    /// It takes as many requests as come.
    Open,
    /// Each request needs a turn.
    ByTurns,
    /// It is left alone for the rest of the run.
    Closed,
}

impl<'a> Gate<'a> {
    pub(super) fn new(system: Target, run: &'a Run, end: DateTime<Utc>) -> Self {
        Self { system, run, end, state: State::Fresh, in_doubt: false, slowed_down: 0 }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Waits until the system may be asked; false if that is not in this run.
    pub(super) async fn opens(&mut self, store: &impl Paces, env: &(impl Clock + Timer)) -> Result<bool, Unavailable> {
        if self.state == State::Fresh {
            self.state = self.begin(store, env).await?;
        }
        if self.state == State::ByTurns {
            let rate = self.system.rate();
            if rate.is_some() {
                self.run.asks(self.system);
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
        self.in_doubt = pace.doubts > 0;
        Ok(if pace.is_free(now) { State::Open } else { State::ByTurns })
    }

    /// Draws the conclusion from how a job fared; where the system asked for a short pause
    /// it waits for that.
    pub(super) async fn learn(
        &mut self,
        store: &impl Paces,
        env: &(impl Clock + Random + Timer),
        outcome: AttemptOutcome,
    ) -> Result<(), Unavailable> {
        let (system, now) = (self.system, env.now());
        let slowed_down = matches!(outcome, AttemptOutcome::PutOff(Others::SlowDown { .. }));
        self.slowed_down = if slowed_down { self.slowed_down + 1 } else { 0 };
        match outcome {
            AttemptOutcome::Delivered if self.in_doubt => {
                self.in_doubt = false;
                store.change_pace(system, now, |pace, _| pace.doubts = 0).await
            }
            AttemptOutcome::Delivered | AttemptOutcome::GivenUp | AttemptOutcome::PutOff(Others::GoOn) => Ok(()),
            AttemptOutcome::Gone => {
                self.state = State::Closed;
                Ok(())
            }
            AttemptOutcome::PutOff(Others::SlowDown { after, gap }) => {
                store.change_pace(system, now, |pace, now| pace.slow_down(after, gap, now)).await?;
                let pause = wait_for_turn(after);
                if pause > LONGEST_WAIT || now + pause >= self.end || self.slowed_down >= SLOWED_DOWN {
                    self.state = State::Closed;
                } else {
                    self.state = State::ByTurns;
                    env.sleep(pause).await;
                }
                Ok(())
            }
            AttemptOutcome::PutOff(Others::Wait { after, in_doubt }) => {
                self.state = State::Closed;
                let (in_doubt, random) = (in_doubt && system.is_costly_in_doubt(), env.random());
                if after.is_none() && !in_doubt {
                    return Ok(());
                }
                let learn = |pace: &mut Pace, now| {
                    if in_doubt {
                        pace.doubt(random, now);
                    }
                    pace.leave_alone(after.unwrap_or_default(), now);
                };
                store.change_pace(system, now, learn).await
            }
        }
    }
}
