//! An older copy of a database, and its return: what was written since is
//! forgotten, and the numbers of its rows come again.

use crate::database::TestDatabase;
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicU32, Ordering};

/// A copy of every row.
pub struct Backup {
    /// The file or schema that holds it.
    place: String,
    tables: Vec<String>,
}

static BACKUPS: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// Copies every row. Nothing may write meanwhile.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn back_up(&self) -> Result<Backup> {
        let number = BACKUPS.fetch_add(1, Ordering::Relaxed);
        match self {
            Self::Sqlite(file) => {
                let place = file.with_extension(format!("{number}.backup")).to_str().context("a path")?.to_owned();
                self.execute(&format!("VACUUM INTO '{place}'")).await?;
                // The last one has the highest number of each table so far.
                let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND \
                              (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence') ORDER BY name = 'sqlite_sequence'";
                Ok(Backup { place, tables: self.names(tables).await? })
            }
            Self::MariaDb { name, .. } => {
                let place = format!("{name}_backup_{number}");
                let tables = format!("SELECT table_name FROM information_schema.tables WHERE table_schema = '{name}'");
                let tables = self.names(&tables).await?;
                self.execute(&format!("CREATE DATABASE {place}")).await?;
                for table in &tables {
                    self.execute(&format!("CREATE TABLE {place}.{table} LIKE {table}")).await?;
                    self.execute(&format!("INSERT INTO {place}.{table} SELECT * FROM {table}")).await?;
                }
                Ok(Backup { place, tables })
            }
        }
    }

    /// Puts the rows of `backup` in the place of those that are there, into the
    /// same schema. Nothing may write meanwhile.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn restore(&self, backup: &Backup) -> Result<()> {
        let Backup { place, tables } = backup;
        match self {
            Self::Sqlite(_) => {
                let refill = |table: &String| {
                    format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM backup.{table};")
                };
                let refills: String = tables.iter().map(refill).collect();
                self.execute(&format!("ATTACH '{place}' AS backup; BEGIN IMMEDIATE; {refills} COMMIT")).await
            }
            Self::MariaDb { .. } => {
                for table in tables {
                    self.execute(&format!("TRUNCATE {table}")).await?;
                    self.execute(&format!("INSERT INTO {table} SELECT * FROM {place}.{table}")).await?;
                }
                Ok(())
            }
        }
    }

    async fn names(&self, sql: &str) -> Result<Vec<String>> {
        Ok(self.rows(sql).await?.into_iter().flatten().collect())
    }
}
