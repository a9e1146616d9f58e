//! The tables as text and the plot as SVG.

use crate::scale::{ACTIVE, Point};
use crate::target::Kind;
use crate::throughput::Line;
use ::tests::Cost;
use anyhow::{Result, anyhow};
use plotters::prelude::*;
use std::path::Path;

/// CPU is the service's and the database server's.
pub(crate) fn row(line: &Line) -> String {
    let ratio = line.ratio.map(|ratio| format!("  service is {ratio:.2} of it"));
    let micros = |cpu: Option<u64>| cpu.map_or_else(|| "-".to_owned(), |cpu| cpu.to_string());
    format!(
        "{:25} {:>2} connections  {:16} {:>7.1}/s  p50 {:>7} µs  p99 {:>7} µs  CPU {:>6} + {:>5} µs  {} errors{}",
        line.route,
        line.connections,
        format!("{:?}, {}", line.service, line.store),
        line.per_second,
        line.p50,
        line.p99,
        micros(line.cpu),
        micros(line.database_cpu),
        line.errors,
        ratio.unwrap_or_default(),
    )
}

pub(crate) fn cost(service: &str, request: &str, cost: &Cost) -> String {
    let Cost { instructions, memory, growths, variables, connections, statements, round_trips, calls, .. } = cost;
    format!(
        "{service:16} {request:28} {instructions:>8} instructions  {memory:>4} KiB grown {growths} times  \
         {variables:>2} variables  {connections} connections  {statements:>2} statements  {round_trips:>2} round trips  {calls} calls"
    )
}

pub(crate) fn point(point: &Point) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a million at most")]
    let per_second = point.rows as f64 * 1e3 / point.milliseconds;
    format!(
        "{:16} {:8} {:>8} rows  {:>9.1} ms  {:>8.0} rows/s  {:>5} KiB  {:>5} statements",
        point.what, point.database, point.rows, point.milliseconds, per_second, point.kibibytes, point.statements
    )
}

/// The ratios: a line for each route, a column for each number of connections.
pub(crate) fn ratios(lines: &[Line]) -> String {
    let compared = [(Kind::Floor, "MariaDB"), (Kind::Native, "MariaDB"), (Kind::Floor, "SQLite")];
    let mut text = "| throughput of the service | of the floor's | of the native one's | SQLite: of the floor's |\n\
                    | --- | --- | --- | --- |\n"
        .to_owned();
    let mut routes: Vec<&str> = Vec::new();
    for line in lines.iter().filter(|line| line.ratio.is_some()) {
        if routes.last() != Some(&line.route.as_str()) {
            routes.push(&line.route);
        }
    }
    for route in routes {
        let cells = compared.map(|(kind, store)| {
            let of = lines.iter().filter(|line| line.route == route && line.service == kind && line.store == store);
            of.filter_map(|line| line.ratio).map(|ratio| format!("{ratio:.2}")).collect::<Vec<_>>().join(", ")
        });
        text += &format!("| {route} | {} |\n", cells.join(" | "));
    }
    text
}

/// Time and memory of `GET /active` against rows, both axes logarithmic.
pub(crate) fn plot(points: &[Point], file: &Path) -> Result<()> {
    let active: Vec<_> = points.iter().filter(|point| point.what == ACTIVE).collect();
    let area = SVGBackend::new(file, (900, 380)).into_drawing_area();
    draw(&area, &active).map_err(|error| anyhow!("{error}"))
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw(area: &Area<'_>, points: &[&Point]) -> std::result::Result<(), Box<dyn std::error::Error>> {
    area.fill(&WHITE)?;
    let (left, right) = area.split_horizontally(450);
    for (area, title, unit, range, value) in [
        (left, "GET /active: time", "ms", 0.5..20_000.0, (|point| point.milliseconds) as fn(&Point) -> f64),
        (right, "GET /active: memory of the instance", "KiB", 100.0..10_000.0, kibibytes),
    ] {
        let mut chart = ChartBuilder::on(&area)
            .caption(title, ("sans-serif", 18))
            .margin(15)
            .x_label_area_size(35)
            .y_label_area_size(60)
            .build_cartesian_2d((80.0..1_300_000.0).log_scale(), range.log_scale())?;
        chart.configure_mesh().x_desc("rows").y_desc(unit).light_line_style(WHITE).draw()?;
        for (database, colour) in [("MariaDB", BLUE), ("SQLite", RED)] {
            let line: Vec<_> = points.iter().filter(|point| point.database == database).collect();
            #[allow(clippy::cast_precision_loss, reason = "a million at most")]
            let line = line.into_iter().map(|point| (point.rows as f64, value(point)));
            chart
                .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
                .label(database)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour));
        }
        chart.configure_series_labels().position(SeriesLabelPosition::UpperLeft).border_style(BLACK).draw()?;
    }
    Ok(area.present()?)
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn kibibytes(point: &Point) -> f64 {
    point.kibibytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(service: Kind, store: &'static str, connections: u32, ratio: Option<f64>) -> Line {
        let route = "GET /health".to_owned();
        Line {
            route,
            service,
            store,
            connections,
            per_second: 1.0,
            p50: 1,
            p99: 2,
            cpu: None,
            database_cpu: None,
            errors: 0,
            ratio,
        }
    }

    #[test]
    fn each_compared_route_has_a_line() {
        let lines = [
            line(Kind::Service, "MariaDB", 1, None),
            line(Kind::Floor, "MariaDB", 1, Some(0.914)),
            line(Kind::Floor, "SQLite", 1, Some(0.97)),
            line(Kind::Floor, "MariaDB", 16, Some(0.926)),
        ];
        let table = ratios(&lines);
        assert_eq!(table.lines().nth(2), Some("| GET /health | 0.91, 0.93 |  | 0.97 |"));
        assert_eq!(table.lines().count(), 3);
    }
}
