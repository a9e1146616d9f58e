//! `migrate`: brings the configured MySQL database up to date.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = migrate::options_from_environment()?;
    let place = format!("{}:{}", options.ip_or_hostname(), options.tcp_port());
    let applied = migrate::run(options).await?;
    for name in &applied {
        println!("applied {name}");
    }
    println!("The database at {place} is up to date ({} migrations applied now).", applied.len());
    Ok(())
}
