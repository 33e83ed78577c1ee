//! Estimates on real histories, where they are present: `VAYU_BENCH_DATA`, or `bench-data` beside the checkout.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::Read as _;
use std::path::PathBuf;

use vayu::plan::estimate::quantile::median;
use vayu::plan::estimate::{Case, Outcomes, Sizes, Words};

fn data(name: &str) -> Option<Vec<u8>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench-data");
    let path = std::env::var_os("VAYU_BENCH_DATA").map_or(beside, PathBuf::from).join(name);
    let Ok(file) = std::fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    let mut text = Vec::new();
    if path.extension().is_some_and(|kind| kind == "gz") {
        flate2::read::GzDecoder::new(file.as_slice()).read_to_end(&mut text).unwrap();
    } else {
        text = file;
    }
    Some(text)
}

fn error(told: &[f64], truth: &[f64]) -> f64 {
    told.iter().zip(truth).map(|(told, truth)| (told - truth).abs()).sum()
}

/// Error over that of the training median, on the published split.
fn project(name: &str) -> Option<f64> {
    let text = data(&format!("storypoints/{name}.csv.gz"))?;
    let split = String::from_utf8(data(&format!("storypoints/{name}_3sets.txt"))?).unwrap();
    let tests: Vec<bool> = split.lines().skip(1).map(|line| line.split('\t').nth(2).unwrap().trim() == "1").collect();
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(&*String::from_utf8_lossy(&text).into_owned().into_bytes())
            .records()
            .collect::<Result<_, _>>()
            .unwrap();
    let side = |wanted: bool| {
        let rows = rows.iter().zip(&tests).filter(move |pair| *pair.1 == wanted).map(|pair| pair.0);
        rows.map(|row| (Words { title: &row[1], body: &row[2] }, row[3].parse::<f64>().unwrap())).unzip()
    };
    let (known, sizes): (Vec<Words>, Vec<f64>) = side(false);
    let (new, truth): (Vec<Words>, Vec<f64>) = side(true);
    let learned = Sizes::learn(&known, &sizes).unwrap();
    let told: Vec<f64> = new.iter().map(|words| learned.estimate(words).p50).collect();
    Some(error(&told, &truth) / error(&vec![median(&sizes).unwrap(); truth.len()], &truth))
}

#[test]
fn words_are_no_worse_than_the_median_over_projects() {
    let names = ["bamboo", "jirasoftware", "mulestudio", "usergrid"];
    let Some(ratios) = names.into_iter().map(project).collect::<Option<Vec<f64>>>() else { return };
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    assert!(mean <= 1.0, "{mean} of {ratios:?}");
}

#[test]
fn sprints_that_were_never_seen_are_foretold_better_than_by_the_median() {
    let Some(text) = data("sprints/apache_iteration_30.csv") else { return };
    let text = String::from_utf8(text).unwrap();
    let (mut known, mut outcomes, mut new, mut truth) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let words: Vec<&str> = line.split(',').collect();
        let numbers: Vec<f64> = words[words.len() - 16..].iter().map(|word| word.parse().unwrap()).collect();
        let size = numbers[9] + numbers[11] + numbers[13];
        let when = words[1].parse().unwrap();
        let case = Case { group: words[0].into(), twin: words[1].into(), when, size, fields: numbers[1..].to_vec() };
        // Boards show each other's sprints: a sprint is on one side with all its boards.
        let held = words[1].parse::<usize>().unwrap() % 4 == 0;
        let (cases, ends) = if held { (&mut new, &mut truth) } else { (&mut known, &mut outcomes) };
        cases.push(case);
        ends.push(numbers[0]);
    }
    let learned = Outcomes::learn(&known, &outcomes, true, 1).unwrap();
    let told: Vec<_> = new.iter().map(|case| learned.foretell(case).unwrap()).collect();
    let middle: Vec<f64> = told.iter().map(|range| range.p50).collect();
    let ratio = error(&middle, &truth) / error(&vec![median(&outcomes).unwrap(); truth.len()], &truth);
    assert!(ratio <= 0.75, "{ratio}");
    let held = told.iter().zip(&truth).filter(|(told, truth)| told.p10 <= **truth && **truth <= told.p90).count();
    let share = held as f64 / truth.len() as f64;
    assert!((0.65..=0.95).contains(&share), "{share} of {}", truth.len());
}
