//! The same while connections to the database break and callers go away.

use super::mix::Mix;
use super::round::Round;
use super::{check, watch};
use crate::races::rounds;
use futures::future::{Either, join, join_all, select};
use mysql_async::prelude::Queryable as _;
use std::pin::pin;
use tests::{Settings, TestApp, TestDatabase, Wire};

crate::cases![
    a_run_puts_right_what_is_cut_off with Settings { wired: true, ..Settings::default() },
];

async fn a_run_puts_right_what_is_cut_off(mut app: TestApp) {
    let mix = Mix {
        enrol: 8,
        wait: 10,
        leave: 3,
        cancel: 5,
        delete: 3,
        refund: 2,
        late: 5,
        enter: 4,
        quit: 3,
        run: 4,
        raise: 3,
        ..Mix::NONE
    };
    assert_eq!(mix.requests(), 50);
    let mut wire = app.wire.take();
    if let Some(wire) = &mut wire {
        wire.mend().await.unwrap();
    }
    for number in 0..rounds().max(super::FEWEST) {
        let round = Round::prepare(&app, number, mix).await;
        round.in_trouble.set(true);
        watch::seats(&round, join(some_go_away(&round), cut(&round, wire.as_mut()))).await;
        until_nothing_runs(&app).await;
        round.run().await;
        check::all(&round).await;
        round.look_again().await;
        check::all(&round).await;
    }
}

/// Asks for all at once. Every fourth caller does not wait for the answer.
async fn some_go_away(round: &Round<'_>) {
    let before = round.answered();
    let one = async |(place, request)| {
        if place % 4 > 0 {
            return request.await;
        }
        match select(request, pin!(until_answered(round, before + place / 2))).await {
            Either::Left(((), _)) | Either::Right(((), _)) => {}
        }
    };
    join_all(round.requests().into_iter().enumerate().map(one)).await;
}

/// Breaks all connections to the server several times.
async fn cut(round: &Round<'_>, wire: Option<&mut Wire>) {
    let Some(wire) = wire else { return };
    let before = round.answered();
    for answers in [2, 10, 20] {
        until_answered(round, before + answers).await;
        wire.cut().await;
        wire.mend().await.unwrap();
    }
}

async fn until_answered(round: &Round<'_>, answers: usize) {
    while round.answered() < answers {
        tokio::task::yield_now().await;
    }
}

/// Also on the server, which may still work for a connection that is gone.
async fn until_nothing_runs(app: &TestApp) {
    app.idle().await;
    let TestDatabase::MariaDb { .. } = &app.database else { return };
    let mut own = app.database.connect().await.unwrap();
    let others = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    while own.query_first::<u64, _>(others).await.unwrap() != Some(0) {
        tokio::task::yield_now().await;
    }
}
