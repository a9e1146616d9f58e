//! Accessibility: axe-core finds no fault, and nothing is wider than the window, in light and
//! dark mode, on a desktop and on a phone.

use crate::chromium::Chromium;
use anyhow::{Context, Result, ensure};
use serde_json::json;

const WIDE: u32 = 1100;
/// The narrowest that WCAG 2.2 asks for (1.4.10).
const NARROW: u32 = 320;

/// Resolves with the faults, by rule and element.
const AXE: &str = r#"
    const done = arguments[arguments.length - 1];
    const of = ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`);
    axe.run(document).then(({ violations }) => done(violations.flatMap(of)), (error) => done([String(error)]));
"#;

impl Chromium {
    /// Checks the page in `state`.
    pub(crate) async fn is_accessible(&self, state: &str) -> Result<()> {
        if self.page.execute("return typeof axe", Vec::new()).await? == "undefined" {
            let axe = tests::root().join("target/axe/node_modules/axe-core/axe.min.js");
            let axe = std::fs::read_to_string(axe).context("axe-core: `make test` installs it")?;
            self.page.execute(&axe, Vec::new()).await?;
        }
        for scheme in ["light", "dark"] {
            self.set_scheme(scheme).await?;
            for width in [WIDE, NARROW] {
                self.set_size(width, 900).await?;
                let wrong = self.page.execute_async(AXE).await?;
                ensure!(wrong == json!([]), "{state}, {scheme}, {width} px: {wrong:#}");
                self.fits(state, width).await?;
            }
        }
        self.unset().await
    }

    /// Sets what the user prefers: `light` or `dark`.
    pub(crate) async fn set_scheme(&self, scheme: &str) -> Result<()> {
        let feature = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": feature})).await
    }

    /// Undoes `set_scheme` and `set_size`.
    pub(crate) async fn unset(&self) -> Result<()> {
        self.devtools("Emulation.setEmulatedMedia", json!({"features": []})).await?;
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await
    }

    pub(crate) async fn set_size(&self, width: u32, height: u32) -> Result<()> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await
    }

    async fn fits(&self, state: &str, width: u32) -> Result<()> {
        let script =
            "return [document.documentElement.scrollWidth, document.querySelector('dialog')?.scrollWidth ?? 0]";
        let widths = self.page.execute(script, Vec::new()).await?;
        let fit = widths.as_array().context("widths")?.iter().all(|own| own.as_u64() <= Some(width.into()));
        ensure!(fit, "{state}: {widths} px in {width} px");
        Ok(())
    }
}
