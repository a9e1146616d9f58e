//! The group of goods and services (GTU) of a position of an invoice.

use super::text::text;
use serde::{Deserialize, Serialize};

text! {
    /// A GTU code: `GTU_01` to `GTU_13`, as Fakturownia has it (README.md, "Faktury - kody GTU").
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    GtuCode
}

impl GtuCode {
    /// Reads a code, with or without whitespace around it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim();
        let number = code.strip_prefix("GTU_").filter(|number| number.len() == 2)?;
        (1..=13).any(|own| number == format!("{own:02}")).then(|| Self(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_thirteen_codes() {
        for code in ["GTU_01", " GTU_09\n", "GTU_13"] {
            assert_eq!(GtuCode::parse(code).as_ref().map(GtuCode::as_str), Some(code.trim()));
        }
        for text in ["", "GTU", "GTU_", "GTU_00", "GTU_14", "GTU_1", "GTU_001", "gtu_01", "01", "GTU_+1"] {
            assert_eq!(GtuCode::parse(text), None, "{text}");
        }
    }
}
