//! The table that a run prints. Never a judgement but the ratio beside its target.

use std::fmt;

/// What was measured.
#[derive(Default)]
pub struct Table(Vec<Row>);

struct Row {
    what: String,
    measured: String,
    floor: String,
    ratio: String,
    target: String,
}

impl Table {
    /// One line; an empty text where there is no floor or target.
    pub fn add(&mut self, what: &str, measured: String, floor: String, ratio: Option<f64>, target: &str) {
        let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        self.0.push(Row { what: what.into(), measured, floor, ratio, target: target.into() });
    }

    /// The line just added, so that a long run is not silent.
    pub fn print_last(&self) {
        if let Some(row) = self.0.last() {
            eprintln!("{}: {} / {} = {} ({})", row.what, row.measured, row.floor, row.ratio, row.target);
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| workload | measured | floor of this run | ratio | target |\n| --- | --- | --- | --- | --- |"
        )?;
        for row in &self.0 {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} |",
                row.what, row.measured, row.floor, row.ratio, row.target
            )?;
        }
        Ok(())
    }
}

/// A count with separators.
pub fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The value below which `share` of all lie.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = ((last as f64) * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
