//! Bindings that wasmtime generates from `wit/`.

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "host:guest/cron-guest",
        imports: { default: async },
        exports: { default: async },
        with: {
            "fermyon:spin/mysql.connection": crate::mysql::Connection,
            "fermyon:spin/sqlite.connection": crate::sqlite::Connection,
        },
    });
}

pub(crate) use generated::fermyon::spin;
pub(crate) use generated::fermyon::spin_cron::cron_types;
pub(crate) use generated::{CronGuest, CronGuestPre};
