//! Scratch: random differential.
use arbitrary::Unstructured;
use mapspec::{compare::*, corpus, generate, litmus, sweep::sweep};
use mapspec_model::policy::Policy;
fn main() {
    mapspec_oracle::become_zygote_if_asked();
    let mut seed: u64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let runs: u64 = std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(10000);
    let mut oracle = mapspec_oracle::Oracle::new(std::time::Duration::from_secs(5));
    let corpus = corpus::built_in().unwrap();
    let known = mapspec::catalogue::known_bugs(&corpus);
    let policy = mapspec::policy::detect(&mut oracle, &corpus, (6, 18)).policy;
    let _ = Policy::default();
    let t = std::time::Instant::now();
    let mut found = 0;
    let mut nknown = 0;
    let mut steps = 0;
    for i in 0..runs {
        let mut bytes = [0u8; 256];
        for b in bytes.iter_mut() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            *b = (seed >> 24) as u8;
        }
        let p = generate::program(&mut Unstructured::new(&bytes)).unwrap();
        let mut all = p.clone();
        all.extend(sweep(&p, true));
        steps += p.len();
        let m = model_trace(&all, &policy);
        match oracle.run(&all) {
            Ok(k) => {
                if let Some(place) = first_difference(&m, &k) {
                    if !mapspec::catalogue::explain(&known, &all, &k, &policy).is_empty() {
                        nknown += 1;
                        continue;
                    }
                    found += 1;
                    if found <= 5 {
                        println!("--- {i}");
                        for (j, s) in all[..=place].iter().enumerate() {
                            if j < p.len() || j == place {
                                println!(
                                    "{} = {}",
                                    litmus::statement_text(s),
                                    litmus::outcome_text(&s.op, m[j])
                                );
                            }
                        }
                        println!("kernel {}", litmus::outcome_text(&all[place].op, k[place]));
                    }
                }
            }
            Err(b) => {
                println!("BROKEN {}", b.reason);
                for s in &p {
                    println!("{}", litmus::statement_text(s));
                }
                break;
            }
        }
    }
    println!("{runs} runs, {steps} steps, {found} found, {nknown} known, {:?}", t.elapsed());
}
