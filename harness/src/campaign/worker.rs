//! One worker: makes programs, has them judged, and tells the campaign what came of them.

use std::sync::atomic::Ordering;

use arbitrary::Unstructured;
use fastrand::Rng;
use mapspec_model::op::Statement;
use mapspec_oracle::Target;

use super::{Campaign, behaviors};
use crate::adversity::{Adversity, INVISIBLE};
use crate::differ::{Differ, Judgement};
use crate::generate;
use crate::shrink::shrink;
use crate::sweep::Swept;

/// Programs that are judged at a time.
const BATCH: usize = 256;

/// Random bytes for a program; few need more.
const ENTROPY: usize = 512;

/// One batched program in so many is run again in isolation, to find what a batch hides.
const AGAIN: usize = 32;

pub fn work(campaign: &Campaign, mut differ: Differ, worker: u64) {
    let mut random = Rng::with_seed(campaign.seed.wrapping_mul(1 << 16).wrapping_add(worker));
    while !campaign.is_over() {
        let mut programs = draw(campaign, &differ, &mut random);
        programs.retain(|program| differ.allow(program).is_ok());
        let swept: Vec<_> = programs.iter().map(|program| differ.swept(program)).collect();
        for program in &programs {
            campaign.learn(program, &behaviors(program));
        }
        let judgements = differ.judge_all(&swept);
        let operations: usize = programs.iter().map(Vec::len).sum();
        campaign.runs.fetch_add(programs.len() as u64, Ordering::Relaxed);
        campaign.operations.fetch_add(operations as u64, Ordering::Relaxed);
        let again = random.usize(..AGAIN);
        for (place, (swept, judgement)) in swept.iter().zip(judgements).enumerate() {
            let judgement = match judgement {
                Judgement::Agree if place % AGAIN == again => differ.judge(swept, None),
                judgement => judgement,
            };
            note(campaign, &mut differ, swept, judgement);
        }
        campaign.save();
    }
}

fn draw(campaign: &Campaign, differ: &Differ, random: &mut Rng) -> Vec<Vec<Statement>> {
    let emulates = differ.oracle.target == Target::Emulation;
    let parents: Vec<_> = {
        let corpus = &campaign.lock().corpus;
        let draw = |_| random.bool().then(|| random.choice(corpus).cloned()).flatten();
        (0..BATCH).map(draw).collect()
    };
    let make = |parent: Option<Vec<Statement>>| {
        let mut entropy = [0; ENTROPY];
        random.fill(&mut entropy);
        let source = &mut Unstructured::new(&entropy);
        let program = match parent {
            Some(parent) => generate::mutation(&parent, &campaign.favored, source),
            None => generate::program(&campaign.favored, source),
        };
        let coins = emulates.then(|| Rng::with_seed(random.u64(..)));
        let ask = |mut program: Vec<Statement>| {
            if let Some(mut coins) = coins {
                generate::ask_for_no_sigbus(&mut program, || coins.bool());
            }
            program
        };
        // A program that has adversity from its parent is not made longer and longer.
        let advise = |program: Vec<Statement>| {
            if !campaign.adversity || program.len() > generate::LONGEST {
                return program;
            }
            let random = Rng::with_seed(random.u64(..));
            let mut adversity = Adversity { disturbances: INVISIBLE.to_vec(), random };
            adversity.throw_into(&program, &differ.policy, &differ.capabilities).program
        };
        program.map(ask).map(advise)
    };
    parents.into_iter().map(make).filter_map(Result::ok).collect()
}

fn note(campaign: &Campaign, differ: &mut Differ, swept: &Swept, judgement: Judgement) {
    match judgement {
        Judgement::Agree => {}
        Judgement::Known(attribution) => {
            *campaign.lock().known.entry(attribution.name()).or_default() += 1;
        }
        Judgement::Broken(_) => match differ.judge(swept, None) {
            Judgement::Broken(broken) => {
                campaign.broken.fetch_add(1, Ordering::Relaxed);
                campaign.lock().last_broken = Some(broken.reason.to_string());
            }
            judgement => note(campaign, differ, swept, judgement),
        },
        Judgement::Diverge(difference) => {
            let chance = campaign.gives_a_chance(&difference);
            let shrunk = chance.then(|| shrink(differ, &swept.program[..swept.own])).flatten();
            campaign.found(&difference.class, shrunk.as_ref());
        }
    }
}
