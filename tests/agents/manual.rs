//! `docs/agents.md` says what is so.

use vayu::agents::protocol;
use vayu::agents::roles::Roles;

const PAGE: &str = include_str!("../../docs/agents.md");

#[test]
fn every_line_in_the_manual_is_understood() {
    let lines: Vec<&str> = PAGE.lines().filter(|line| line.starts_with(protocol::PREFIX)).collect();
    assert!(lines.len() > 10);
    for line in lines {
        assert!(matches!(protocol::parse(line), Some(Ok(_))), "{line}");
    }
}

#[test]
fn every_variable_of_a_command_is_in_the_manual() {
    let code = include_str!("../../src/agents/runner/job.rs");
    let variables: Vec<&str> = code.split('"').filter(|word| word.starts_with("VAYU_")).collect();
    assert!(variables.len() > 10);
    for variable in variables {
        assert!(PAGE.contains(&format!("`{variable}`")), "{variable}");
    }
}

#[test]
fn every_role_is_in_the_manual_and_its_example_is_one() {
    for role in Roles::built_in().iter() {
        assert!(PAGE.contains(&format!("`{}`", role.name)), "{}", role.name);
    }
    let example = PAGE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("example.toml"), example).expect("written");
    let (roles, errors) = Roles::load(&[folder.path().to_owned()]);
    assert_eq!(errors, []);
    assert_eq!(roles.get("example").expect("a role").title, "Backend developer");
}
