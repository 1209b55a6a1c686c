//! Hours of the usual: what it weighs, what it has open and how long it takes stay what they were.

use crate::load::{Scale, house, with_fault};
use crate::{Found, Options};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What may be gained in an hour, measured after a third of the time: caches have filled by then.
const GAIN: f64 = 8.0;
/// Less than this is the allocator's breath, however short the run.
const BREATH: f64 = 4.0;

/// One look.
#[derive(Clone, Copy, Default)]
struct Sample {
    /// Hours since the beginning.
    hours: f64,
    mebibytes: f64,
    files: usize,
    /// Milliseconds until the list of conversations was there.
    waited: f64,
}

/// F43: fifty messages a second for as long as one has.
pub async fn soak(database: &str, options: &Options) -> Found {
    let mut house = house(database).await;
    let seconds = usize::try_from(options.minutes * 60).unwrap_or(60);
    let scale =
        Scale { messages: 50 * seconds, conversations: 20, screens: options.screens, replies: 100, rate: 50 };
    let mut samples = Vec::new();
    let (mut wrong, figures) = with_fault(&mut house, &scale, async |house, progress| {
        let begun = Instant::now();
        while progress.posted.load(Ordering::Relaxed) < scale.messages {
            let asked = Instant::now();
            house.admin.get("/api/v1/conversations?limit=20").await.expect(200);
            samples.push(Sample {
                hours: begun.elapsed().as_secs_f64() / 3600.0,
                mebibytes: house.server.resident_kib() as f64 / 1024.0,
                files: house.server.open_files(),
                waited: asked.elapsed().as_secs_f64() * 1000.0,
            });
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    })
    .await;
    let third = samples.len() / 3;
    let (early, late) = (&samples[third..third * 2], &samples[third * 2..]);
    let (first, last) = (average(early), average(late));
    let gained = last.mebibytes - first.mebibytes;
    let slope = gained / (last.hours - first.hours).max(1.0 / 3600.0);
    if slope > GAIN && gained > BREATH {
        wrong.push(format!("it gains {slope:.1} MiB an hour"));
    }
    if last.files > first.files + 10 {
        wrong.push(format!("{} files open, {} before", last.files, first.files));
    }
    let (was, is) = (median(early), median(late));
    if is > was * 2.0 + 20.0 {
        wrong.push(format!("a list takes {is:.1} ms, {was:.1} ms before"));
    }
    let figures = format!(
        "{} min: {:.1} MiB after a third, {:.1} at the end ({slope:+.1} MiB/h), files {} and {}, a list in {was:.1} and \
         {is:.1} ms; {figures}",
        options.minutes, first.mebibytes, last.mebibytes, first.files, last.files
    );
    Found::of(&wrong, figures)
}

fn average(samples: &[Sample]) -> Sample {
    let count = samples.len().max(1);
    let sum = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count as f64;
    Sample {
        hours: sum(|sample| sample.hours),
        mebibytes: sum(|sample| sample.mebibytes),
        files: samples.iter().map(|sample| sample.files).sum::<usize>() / count,
        waited: sum(|sample| sample.waited),
    }
}

fn median(samples: &[Sample]) -> f64 {
    let mut waits: Vec<f64> = samples.iter().map(|sample| sample.waited).collect();
    waits.sort_by(f64::total_cmp);
    waits.get(waits.len() / 2).copied().unwrap_or_default()
}
