//! AWS asks to slow down: the real binary in a terminal, against a sandbox that grants a few calls a second.

use crate::journeys;
use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;
use crate::support::served::Served;

const ANEW: &str = "has only just come up";
const ASKS: &str = "AWS asks to slow down";

/// Tells whether a screen says what is granted a second and the time that is left.
fn says_rate_and_time(screen: &str) -> bool {
    let Some((_, rest)) = screen.split_once("AWS asks to slow down: ") else { return false };
    let number = |text: &str| text.split(' ').next().and_then(|word| word.parse::<u32>().ok());
    let Some((rate, left)) = rest.split_once(" a second, about ") else { return false };
    number(rate).is_some_and(|rate| (1..20).contains(&rate)) && number(left).is_some() && left.contains(" s left")
}

#[test]
fn reading_all_policies_says_that_aws_asks_to_slow_down_until_the_last_one_is_read() {
    let owner = OwnerHome::new();
    owner.served.service.set_faults("rate=5/s".parse().unwrap());
    Served::write_profile(owner.home.path());
    let args = ["review", "--endpoint-url", owner.served.url.as_str(), "--profile", "owner"];
    let mut pty = Pty::start_wizard(&args, 80, 24, owner.home.path());
    pty.wait_until("the rate and the time left", says_rate_and_time);
    owner.served.service.end_trouble();
    pty.wait_until("all policies are read", |screen| screen.contains("2 public, 5 risks") && !screen.contains(ASKS));
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_save_of_many_says_that_aws_asks_to_slow_down_until_it_has_ended() {
    let owner = OwnerHome::new();
    for number in 0..12 {
        owner.served.service.add_repository(&OwnerHome::reference_to(&format!("bulk/a{number}")));
    }
    let args = ["bulk/*", "--to", "111111111111"];
    let mut pty = journeys::open_as_owner(&owner.served, owner.home.path(), &args);
    journeys::await_policy(&mut pty);
    pty.press_keys("Ctrl-S").wait_for("Write 12 policies");
    assert!(!pty.screen_text().contains(ASKS));
    owner.served.service.set_faults("rate=5/s".parse().unwrap());
    // A question that came up by itself takes no key at first, and says so.

    pty.press_keys("y")
        .wait_until("the answer is taken or not", |screen| screen.contains("Saving") || screen.contains(ANEW));
    if pty.screen_text().contains(ANEW) {
        pty.press_keys("y");
    }
    pty.wait_until("the rate and the time left", says_rate_and_time);
    pty.wait_for("Outcome: 12 saved");
    assert!(!pty.screen_text().contains(ASKS), "{}", pty.screen_text());
    assert_eq!(owner.count_writes(), 12, "each is sent once");
}

/// Adds repositories to the owner's registry, and lets each of their reads wait.
fn slow_owner() -> OwnerHome {
    let owner = OwnerHome::new();
    for number in 0..12 {
        owner.served.service.add_repository(&OwnerHome::reference_to(&format!("bulk/a{number}")));
    }
    owner.served.service.set_faults("rate=2/s".parse().unwrap());
    owner
}

#[test]
fn the_policies_that_are_to_be_changed_are_read_under_the_same_words() {
    let owner = slow_owner();
    let mut pty = journeys::open_as_owner(&owner.served, owner.home.path(), &["bulk/*", "--to", "111111111111"]);
    pty.wait_until("the wish at step 4", |screen| {
        screen.contains("reading the stored policy") && screen.contains(ASKS)
    });
    owner.served.service.end_trouble();
    journeys::await_policy(&mut pty);
    pty.wait_gone(ASKS);
}

#[test]
fn a_review_of_several_registries_names_the_slow_one() {
    let owner = slow_owner();
    Served::write_profile(owner.home.path());
    let args = ["review", "--endpoint-url", owner.served.url.as_str(), "--profile", "owner"];
    let args = [&args[..], &["--regions", "eu-west-2,us-east-1"]].concat();
    let mut pty = Pty::start_wizard(&args, 120, 30, owner.home.path());
    pty.wait_for("AWS asks to slow down in 222222222222 eu-west-2");
    owner.served.service.end_trouble();
    pty.wait_gone(ASKS);
}

#[test]
fn plain_mode_says_it_once_while_it_waits_and_once_more_with_a_rate() {
    let owner = slow_owner();
    let args = ["bulk/*", "--to", "111111111111", "--read-only"];
    let text = crate::plain::answer_with(&owner, &args, &["environment variables", "quit"]).expect_text().to_owned();
    let told: Vec<&str> = text.lines().filter(|line| line.contains(ASKS)).collect();
    assert!((1..=4).contains(&told.len()), "two at most for each wait: {told:?}");
    assert!(told.iter().all(|line| line.ends_with('.')), "{told:?}");
    assert!(text.contains("Step 4 of 6"), "{text}");
}
