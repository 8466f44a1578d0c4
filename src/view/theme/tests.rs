use super::*;
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::{
    VENDOR_POLICY, answer_write, first_grant, fresh_model, policy_model, pull_request, save_model, signed_model,
    tap_key, test_written,
};
use crate::wizard::{Code, Model, Step};

const ROLES: [Role; 17] = [
    Role::Plain,
    Role::Dim,
    Role::Strong,
    Role::Accent,
    Role::Selected,
    Role::SelectedDim,
    Role::Key,
    Role::Match,
    Role::Good,
    Role::Warn,
    Role::Bad,
    Role::Added,
    Role::Removed,
    Role::JsonKey,
    Role::JsonString,
    Role::JsonKnown,
    Role::Badge,
];

const NAMES: [ThemeName; 6] = [
    ThemeName::Auto,
    ThemeName::Dark,
    ThemeName::Light,
    ThemeName::HighContrast,
    ThemeName::Mono,
    ThemeName::ColourBlind,
];

/// Every theme in every environment.
fn themes() -> impl Iterator<Item = (WizardSettings, Theme)> {
    NAMES.into_iter().flat_map(|theme| {
        [None, Some(Background::Dark), Some(Background::Light)].into_iter().flat_map(move |background| {
            [false, true].into_iter().flat_map(move |many_colours| {
                [false, true].into_iter().map(move |no_color| {
                    let settings =
                        WizardSettings { no_color, theme, many_colours, background, ..WizardSettings::default() };
                    let theme = Theme::new(&settings);
                    (settings, theme)
                })
            })
        })
    })
}

#[test]
fn no_colour_vanishes_on_a_light_or_a_dark_background() {
    for (settings, theme) in themes() {
        for role in ROLES {
            let style = theme.role_style(role);
            assert!(style.bg.is_none(), "{role:?} paints a background: {settings:?}");
            let vanishing = [Color::Black, Color::White, Color::DarkGray, Color::Gray];
            assert!(style.fg.is_none_or(|c| !vanishing.contains(&c)), "{role:?}: {settings:?}");
        }
    }
}

#[test]
fn the_chosen_row_stands_out_in_every_theme_without_its_colour() {
    for (settings, theme) in themes() {
        assert!(theme.role_style(Role::Selected).add_modifier.contains(Modifier::REVERSED), "{settings:?}");
        for role in [Role::Strong, Role::Accent, Role::Warn, Role::Bad, Role::Match, Role::Badge] {
            let told = theme.role_style(role).add_modifier;
            assert!(!told.is_empty(), "{role:?} is told by colour alone: {settings:?}");
        }
        assert_ne!(theme.role_style(Role::Added), theme.role_style(Role::Removed), "{settings:?}");
    }
}

#[test]
fn without_colour_nothing_is_coloured_unless_a_theme_is_asked_for() {
    let inked =
        |settings: &WizardSettings| ROLES.iter().any(|role| Theme::new(settings).role_style(*role).fg.is_some());
    let no_color = WizardSettings { no_color: true, ..WizardSettings::default() };
    assert!(!inked(&no_color));
    assert!(!inked(&WizardSettings { theme: ThemeName::Mono, ..WizardSettings::default() }));
    assert!(inked(&WizardSettings { theme: ThemeName::Dark, ..no_color }));
}

#[test]
fn only_colours_that_the_terminal_has_are_used() {
    for (settings, theme) in themes() {
        let beyond =
            ROLES.iter().any(|role| matches!(theme.role_style(*role).fg, Some(Color::Indexed(_) | Color::Rgb(..))));
        assert_eq!(beyond, settings.theme == ThemeName::ColourBlind && settings.many_colours, "{settings:?}");
    }
}

#[test]
fn good_and_bad_are_no_red_and_green_for_the_colour_blind() {
    for many_colours in [false, true] {
        let settings = WizardSettings { theme: ThemeName::ColourBlind, many_colours, ..WizardSettings::default() };
        let theme = Theme::new(&settings);
        let red_or_green = [Color::Red, Color::Green, Color::LightRed, Color::LightGreen];
        assert!(ROLES.iter().all(|role| theme.role_style(*role).fg.is_none_or(|c| !red_or_green.contains(&c))));
        assert_ne!(theme.role_style(Role::Added).fg, theme.role_style(Role::Removed).fg);
    }
}

#[test]
fn nothing_is_dim_in_high_contrast() {
    let theme = Theme::new(&WizardSettings { theme: ThemeName::HighContrast, ..WizardSettings::default() });
    assert!(ROLES.iter().all(|role| !theme.role_style(*role).add_modifier.contains(Modifier::DIM)));
}

#[test]
fn a_spinner_waits_before_it_shows() {
    let theme = Theme::new(&WizardSettings { ascii: true, ..WizardSettings::default() });
    assert_eq!(theme.spinner_sign(100), " ");
    assert_ne!(theme.spinner_sign(200), " ");
}

/// Each step at its busiest.
fn at(step: Step) -> Model {
    match step {
        Step::Account => fresh_model(),
        Step::Repository => signed_model(),
        Step::Actions => {
            let mut model = crate::wizard::testing::model_with_chosen(&["vendorapp"]);
            crate::wizard::testing::type_text(&mut model, "111111111111");
            model
        }
        Step::Policy => policy_model(Some(VENDOR_POLICY)),
        Step::Save => save_model(vec![first_grant("vendorapp")], Some(pull_request())),
        Step::Permissions => {
            let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
            let effects = crate::wizard::testing::type_text(&mut model, "y");
            answer_write(&mut model, &effects, test_written());
            tap_key(&mut model, Code::Enter);
            model
        }
    }
}

#[test]
fn the_difference_in_every_theme() {
    for theme in NAMES {
        for background in [Background::Dark, Background::Light] {
            if background == Background::Light && !matches!(theme, ThemeName::Auto | ThemeName::HighContrast) {
                continue;
            }
            let mut model = policy_model(None);
            model.settings =
                WizardSettings { theme, background: Some(background), many_colours: true, ..model.settings };
            tap_key(&mut model, Code::F(4));
            insta::assert_snapshot!(format!("{theme:?}_{background:?}"), draw_snapshot(&mut model, 80, 24));
        }
    }
}

#[test]
fn every_step_without_colours() {
    for step in Step::ALL {
        let mut model = at(step);
        assert_eq!(model.step, step);
        model.settings.no_color = true;
        insta::assert_snapshot!(format!("mono_{step:?}"), draw_snapshot(&mut model, 80, 24));
    }
}

#[test]
fn in_ascii_each_state_has_a_sign_of_its_own_and_success_is_a_word() {
    let settings = WizardSettings { ascii: true, ..WizardSettings::default() };
    let theme = Theme::new(&settings);
    let states = [Sign::Ok, Sign::Failed, Sign::Warn, Sign::Open, Sign::Marked];
    // Those of a gain, a loss, a tick, a spinner and the chosen row.
    let mut known = vec!["+", "-", "x", "|", "/", "\\", theme.sign_text(Sign::Chosen)];
    for state in states {
        let text = theme.sign_text(state);
        assert!(text.is_ascii() && !known.contains(&text), "{state:?}: {text}");
        known.push(text);
        assert_eq!(theme.wide_sign(state).len(), 2);
    }
    assert_eq!(theme.sign_text(Sign::Ok), "ok");
}
