//! How many requests of each kind run at once.

/// How many requests of each kind run at once, and how many users wait before.
#[derive(Clone, Copy)]
pub(super) struct Mix {
    pub(super) waiting: usize,
    pub(super) enrol: usize,
    pub(super) wait: usize,
    /// Users who wait, and leave the list.
    pub(super) leave: usize,
    pub(super) cancel: usize,
    pub(super) delete: usize,
    /// Of what is paid, which cancels.
    pub(super) refund: usize,
    /// Payments for what has lapsed.
    pub(super) late: usize,
    /// Users of late payments who enrol as well.
    pub(super) again: usize,
    /// Moves from the other course to this one, and the other way.
    pub(super) enter: usize,
    pub(super) quit: usize,
    /// More moves to this one, each beside a cancellation.
    pub(super) twice: usize,
    /// Runs of the expiry.
    pub(super) run: usize,
    /// Requests that see a limit that was raised by one.
    pub(super) raise: usize,
}

impl Mix {
    pub(super) const NONE: Self = Self {
        waiting: 0,
        enrol: 0,
        wait: 0,
        leave: 0,
        cancel: 0,
        delete: 0,
        refund: 0,
        late: 0,
        again: 0,
        enter: 0,
        quit: 0,
        twice: 0,
        run: 0,
        raise: 0,
    };

    pub(super) fn requests(&self) -> usize {
        let Self {
            waiting: _,
            enrol,
            wait,
            leave,
            cancel,
            delete,
            refund,
            late,
            again,
            enter,
            quit,
            twice,
            run,
            raise,
        } = *self;
        enrol + wait + leave + cancel + delete + refund + late + again + enter + quit + 2 * twice + run + raise
    }

    /// How many have a seat before that the round takes away.
    pub(super) fn seated(&self) -> usize {
        self.cancel + self.delete + self.refund + self.quit + DUE
    }
}

/// How many seats are held that lapse in the first run of the round.
pub(super) const DUE: usize = 2;
