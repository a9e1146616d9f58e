//! A copy of a database, and its restoration: later changes are forgotten, and their ids are
//! used again.

use crate::database::TestDatabase;
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicU32, Ordering};

/// A copy of every row.
pub struct Backup {
    /// The file or schema that holds it.
    place: String,
    /// With those of their columns that are stored.
    tables: Vec<(String, String)>,
}

static BACKUPS: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// Copies every row. Nothing may write during the copy.
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
                let mut with_columns = Vec::new();
                for table in self.names(tables).await? {
                    let columns = format!("SELECT GROUP_CONCAT(name) FROM pragma_table_info('{table}')");
                    with_columns
                        .extend(self.names(&columns).await?.into_iter().map(|columns| (table.clone(), columns)));
                }
                Ok(Backup { place, tables: with_columns })
            }
            Self::MariaDb { name, .. } => {
                let place = format!("{name}_backup_{number}");
                let tables = format!(
                    "SELECT table_name, GROUP_CONCAT(column_name) FROM information_schema.columns \
                     WHERE table_schema = '{name}' AND generation_expression IS NULL GROUP BY table_name"
                );
                let tables = self.rows(&tables).await?;
                let tables = tables.into_iter().filter_map(|row| <[String; 2]>::try_from(row).ok());
                let tables: Vec<_> = tables.map(|[table, columns]| (table, columns)).collect();
                self.execute(&format!("CREATE DATABASE {place}")).await?;
                for (table, columns) in &tables {
                    self.execute(&format!("CREATE TABLE {place}.{table} LIKE {table}")).await?;
                    let copy = format!("INSERT INTO {place}.{table} ({columns}) SELECT {columns} FROM {table}");
                    self.execute(&copy).await?;
                }
                Ok(Backup { place, tables })
            }
        }
    }

    /// Replaces all rows with those of `backup`, in the same schema. Nothing may write
    /// during this.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn restore(&self, backup: &Backup) -> Result<()> {
        let Backup { place, tables } = backup;
        match self {
            Self::Sqlite(_) => {
                let refill = |(table, columns): &(String, String)| {
                    format!(
                        "DELETE FROM main.{table}; \
                         INSERT INTO main.{table} ({columns}) SELECT {columns} FROM backup.{table};"
                    )
                };
                let refills: String = tables.iter().map(refill).collect();
                self.execute(&format!("ATTACH '{place}' AS backup; BEGIN IMMEDIATE; {refills} COMMIT")).await
            }
            Self::MariaDb { .. } => {
                for (table, columns) in tables {
                    self.execute(&format!("TRUNCATE {table}")).await?;
                    let refill = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {place}.{table}");
                    self.execute(&refill).await?;
                }
                Ok(())
            }
        }
    }

    async fn names(&self, sql: &str) -> Result<Vec<String>> {
        Ok(self.rows(sql).await?.into_iter().flatten().collect())
    }
}
