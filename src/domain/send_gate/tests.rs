//! The whole matrix: every fact, against everything that can be said, by whoever says it.

use super::*;
use SendAlternative as Instead;

const LATER: Timestamp = Timestamp(5_000);

/// What can be said: a note, free words, a flow's free words, a template of which nothing is known, a utility
/// template, a marketing template, free words of a marketing broadcast.
fn said() -> [Asked; 7] {
    let template = |is_marketing| {
        What::Template(Some(TemplateState { standing: TemplateStanding::Approved, is_marketing }))
    };
    let person = |what| Asked { what, ..Asked::free(Speaker::Person) };
    [
        person(What::Note),
        person(What::Free),
        Asked::free(Speaker::Automatic),
        person(What::Template(None)),
        person(template(false)),
        person(template(true)),
        Asked { is_marketing: true, ..Asked::free(Speaker::Automatic) },
    ]
}

/// Somebody who agreed to offers, on a channel that has templates.
fn usual() -> Facts {
    Facts { has_templates: true, marketing: Some(ConsentState::Granted), ..Facts::default() }
}

/// What is decided: `ok`, `?reason` warns, `!reason` refuses.
fn short(asked: &Asked, facts: &Facts) -> String {
    let verdict = decide(asked, facts);
    let reason = verdict.reason.map_or("", SendReason::as_str);
    match verdict.decision {
        SendDecision::Allowed if reason.is_empty() => "ok".into(),
        SendDecision::Allowed => format!("ok {reason}"),
        SendDecision::Warn => format!("?{reason}"),
        SendDecision::Refuse => format!("!{reason}"),
    }
}

/// One fact, and what is decided of everything that can be said, in the order of `said`.
fn check(what: &str, change: impl Fn(&mut Facts), expected: [&str; 7]) {
    let mut facts = usual();
    change(&mut facts);
    let found = said().map(|asked| short(&asked, &facts));
    assert_eq!(found, expected, "{what}");
}

#[test]
fn every_fact_against_everything_that_can_be_said() {
    check("nothing", |_| {}, ["ok"; 7]);
    let direct = |facts: &mut Facts| {
        facts.is_direct = true;
        (facts.is_blocked, facts.is_spam, facts.channel) = (true, true, ChannelStanding::Gone);
        (facts.window, facts.marketing) = (WindowStanding::Closed, Some(ConsentState::Withdrawn));
    };
    check("among colleagues", direct, ["ok"; 7]);
    let merged = |facts: &mut Facts| facts.merged_into = Some(ConversationId(8));
    check("merged", merged, ["!conversation_merged"; 7]);
    let but_a_note = |reason: &'static str| {
        let mut all = [reason; 7];
        all[0] = "ok";
        all
    };
    check("gone", |facts| facts.channel = ChannelStanding::Gone, but_a_note("!channel_gone"));
    check("off", |facts| facts.channel = ChannelStanding::Off, but_a_note("?channel_off"));
    check("paused", |facts| facts.channel = ChannelStanding::Paused, but_a_note("?channel_paused"));
    check("blocked", |facts| facts.is_blocked = true, but_a_note("!customer_blocked"));
    check("cannot be reached", |facts| facts.is_unreachable = true, but_a_note("?customer_unreachable"));
    check("spam", |facts| facts.is_spam = true, ["ok", "?spam", "!spam", "?spam", "?spam", "?spam", "!spam"]);
    let open = |facts: &mut Facts| facts.window = WindowStanding::Open(LATER);
    check("the window is open", open, ["ok"; 7]);
    let closed = "?window_closed";
    check(
        "the window is closed",
        |facts| facts.window = WindowStanding::Closed,
        ["ok", closed, closed, "ok", "ok", "ok", closed],
    );
    let person = "?human_agent_window";
    check(
        "a person may answer",
        |facts| facts.window = WindowStanding::OfPerson(LATER),
        ["ok", person, person, "ok", "ok", "ok", person],
    );
    let out = "!opted_out";
    check(
        "opted out",
        |facts| facts.marketing = Some(ConsentState::Withdrawn),
        ["ok", "ok", "ok", "ok", "ok", out, out],
    );
    let unasked = "?no_consent";
    check("never asked", |facts| facts.marketing = None, ["ok", "ok", "ok", "ok", "ok", unasked, unasked]);
    let low = |facts: &mut Facts| facts.number = Some(NumberTrouble::LowQuality);
    check("a bad number", low, but_a_note("?quality_low"));
    let reached = |facts: &mut Facts| facts.number = Some(NumberTrouble::LimitReached);
    check("enough people", reached, but_a_note("?tier_reached"));
    check("busy", |facts| facts.busy_until = Some(LATER), but_a_note("?budget_spent"));
    check("told again", |facts| facts.repeated = Repeated::Same, ["ok already_written"; 7]);
    check("another one", |facts| facts.repeated = Repeated::Other, ["!client_id_taken"; 7]);
}

#[test]
fn what_is_known_of_a_template_refuses_it() {
    for (standing, expected) in [
        (TemplateStanding::Approved, "ok"),
        (TemplateStanding::NotApproved, "!template_not_approved"),
        (TemplateStanding::Rejected, "!template_rejected"),
        (TemplateStanding::Paused, "!template_paused"),
        (TemplateStanding::Unknown, "!template_unknown"),
    ] {
        let what = What::Template(Some(TemplateState { standing, is_marketing: false }));
        let asked = Asked { what, ..Asked::free(Speaker::Person) };
        assert_eq!(short(&asked, &usual()), expected);
    }
}

#[test]
fn a_channel_takes_no_more_than_it_takes() {
    for reason in [SendReason::TooLong, SendReason::NotOnThisChannel, SendReason::BadTemplate] {
        let misfit = Some(Misfit { reason, words: "Too much.".into() });
        let asked = Asked { misfit, ..Asked::free(Speaker::Person) };
        for facts in [usual(), Facts { is_direct: true, ..usual() }] {
            let verdict = decide(&asked, &facts);
            assert_eq!((verdict.decision, verdict.reason), (SendDecision::Refuse, Some(reason)));
            assert_eq!(verdict.words, "Too much.");
        }
    }
}

/// Which of two facts gives the reason: the first of each pair goes before the second.
#[test]
fn the_gravest_reason_is_the_one_that_is_given() {
    type Fact = fn(&mut Facts);
    let facts: [(&str, Fact); 9] = [
        ("!conversation_merged", |facts| facts.merged_into = Some(ConversationId(8))),
        ("!channel_gone", |facts| facts.channel = ChannelStanding::Gone),
        ("!customer_blocked", |facts| facts.is_blocked = true),
        ("!opted_out", |facts| facts.marketing = Some(ConsentState::Withdrawn)),
        ("?customer_unreachable", |facts| facts.is_unreachable = true),
        ("?spam", |facts| facts.is_spam = true),
        ("?window_closed", |facts| facts.window = WindowStanding::Closed),
        ("?quality_low", |facts| facts.number = Some(NumberTrouble::LowQuality)),
        ("?budget_spent", |facts| facts.busy_until = Some(LATER)),
    ];
    let offer = Asked { is_marketing: true, ..Asked::free(Speaker::Person) };
    for (place, (graver, one)) in facts.iter().enumerate() {
        for (_, other) in &facts[place..] {
            let mut both = usual();
            other(&mut both);
            one(&mut both);
            assert_eq!(short(&offer, &both), *graver);
        }
    }
}

#[test]
fn only_what_there_is_is_offered_instead() {
    let free = Asked::free(Speaker::Person);
    let closed = Facts { window: WindowStanding::Closed, ..Facts::default() };
    assert_eq!(decide(&free, &closed).alternatives, [Instead::NoteInstead]);
    let more = Facts { has_templates: true, has_other_channel: true, ..closed };
    assert_eq!(
        decide(&free, &more).alternatives,
        [Instead::SendTemplate, Instead::ChooseOtherChannel, Instead::NoteInstead]
    );
    let blocked = Facts { is_blocked: true, ..more };
    assert_eq!(decide(&free, &blocked).alternatives, [Instead::Unblock, Instead::NoteInstead]);
}

#[test]
fn the_moment_at_which_it_changes_is_told() {
    let until = |window, busy_until| {
        decide(&Asked::free(Speaker::Person), &Facts { window, busy_until, ..usual() }).until
    };
    assert_eq!(until(WindowStanding::Open(LATER), None), Some(LATER));
    assert_eq!(until(WindowStanding::OfPerson(LATER), None), Some(LATER));
    assert_eq!(until(WindowStanding::Unlimited, Some(LATER)), Some(LATER));
    assert_eq!(until(WindowStanding::Closed, None), None);
}

#[test]
fn every_reason_has_words_and_only_what_is_decided_has_none() {
    let asked = Asked {
        misfit: Some(Misfit { reason: SendReason::TooLong, words: "Too long.".into() }),
        ..Asked::free(Speaker::Person)
    };
    for reason in SendReason::ALL {
        assert!(!words_for(*reason, &asked, &usual()).is_empty(), "{reason}");
    }
    assert!(decide(&Asked::free(Speaker::Person), &usual()).words.is_empty());
}
