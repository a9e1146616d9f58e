//! The costs of requests apart from time, for the service and the floor. Checks that the
//! floor sends the same statements as the service.

use crate::route::ON_THE_FLOOR;
use crate::target::floor_url;
use anyhow::{Context, Result, ensure};
use host::{App, Options, Output, Runtime};
use sandbox::{Config, Sandbox};
use std::collections::BTreeMap;
use tests::{Cost, Costs, Database, MariaDb, ROUTES, TestDatabase, Wire};

/// Costs by service and database.
pub(crate) async fn measure() -> Result<BTreeMap<&'static str, Costs>> {
    let server = MariaDb::start().await?;
    let service = Runtime::load_metered(tests::root().join("spin.toml"))?;
    let floor = Runtime::load_metered(tests::root().join("bench/floor/spin.toml"))?;
    let mut all = BTreeMap::new();
    for (database, names) in [
        (Database::MariaDb, ["service, MariaDB", "floor, MariaDB"]),
        (Database::Sqlite, ["service, SQLite", "floor, SQLite"]),
    ] {
        let service = tests::costs(&service, database, &server).await?;
        let floor = floor_costs(&floor, database, &server).await?;
        for (request, floor) in &floor {
            let own = service.get(request).with_context(|| format!("the service has no {request}"))?;
            let asked =
                |cost: &Cost| (cost.variables, cost.connections, cost.texts.len(), cost.round_trips, cost.calls);
            ensure!(
                asked(own) == asked(floor),
                "the floor of {request} is {:?} with {:#?}, the service's {:?} with {:#?}",
                asked(floor),
                floor.texts,
                asked(own),
                own.texts
            );
        }
        for (name, costs) in names.into_iter().zip([service, floor]) {
            for (request, cost) in &costs {
                println!("{}", crate::report::cost(name, request, cost));
            }
            all.insert(name, costs);
        }
    }
    Ok(all)
}

async fn floor_costs(runtime: &Runtime, database: Database, server: &MariaDb) -> Result<Costs> {
    let folder = tempfile::tempdir()?;
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), Config::default()).await?;
    let mut variables = BTreeMap::from([("sandbox".to_owned(), sandbox.origin())]);
    let mut wire = Wire::cut_off_from(server.address())?;
    wire.mend().await?;
    if database == Database::MariaDb
        && let TestDatabase::MariaDb { name, .. } = TestDatabase::mariadb(server, false).await?
    {
        let url = floor_url(server, &name).replace(&server.address(), &wire.address());
        variables.insert("mysql_url".to_owned(), url);
    }
    let app = runtime
        .start(Options {
            listen: ([127, 0, 0, 1], 0).into(),
            state_dir: Some(folder.path().to_owned()),
            variables,
            env_variables: false,
            sqlite_scripts: tests::sqlite_schema()?,
            cron: false,
            output: Output::Discard,
            record: true,
            ..Options::default()
        })
        .await?;
    let mut costs = Costs::new();
    for route in ROUTES {
        for asked in route.asked.iter().filter(|asked| ON_THE_FLOOR.contains(&&*route.name_of(asked))) {
            let (target, body) = (route.target(asked, "1", "user"), route.body("1", "user"));
            costs.insert(route.name_of(asked), request(&app, &wire, route.method, &target, body).await?);
        }
    }
    Ok(costs)
}

async fn request(app: &App, wire: &Wire, method: &str, path: &str, body: String) -> Result<Cost> {
    app.clear_invocations();
    let url = format!("http://{}/api/enrolment{path}", app.address());
    let answer = reqwest::Client::new().request(method.parse()?, url).body(body).send().await?;
    ensure!(answer.status().is_success(), "{method} {path}: {}", answer.status());
    answer.bytes().await?;
    app.idle().await;
    let run = app.invocations().pop().with_context(|| format!("{method} {path} was not seen"))?;
    Ok(Cost::new(&run, wire.take_round_trips()))
}
