//! A plan that takes its time shows how far it is, and Ctrl-C takes the best one so far.

use std::fmt::Write as _;
use std::path::Path;

use portable_pty::CommandBuilder;

use crate::room::Room;

/// Sixty tasks for five people with reviews, of which nobody can prove that a plan is the best in a minute.
fn project(folder: &Path) {
    let mut text = String::from("[objective]\nfinish = 1\nlateness = 3\n");
    for agent in 0..5 {
        write!(text, "[[agents]]\nname = \"a{agent}\"\nskills = {{ s{} = 3, s{} = 3 }}\n", agent % 3, (agent + 1) % 3)
            .unwrap();
    }
    for task in 0..60 {
        let (work, review, due) = (30 + task * 37 % 200, 10 + task * 13 % 40, 100 + task * 53 % 2000);
        write!(
            text,
            "[[tasks]]\nname = \"t{task}\"\ndue = {due}\nweight = {}\nstages = [\n{{ name = \"work\", effort = {work}, skill = \"s{}\" }},\n{{ name = \"review\", effort = {review}, agents = [\"a0\", \"a1\"] }} ]\n",
            1 + task % 4,
            task % 3
        )
        .unwrap();
    }
    std::fs::write(folder.join("project.toml"), text).unwrap();
}

#[test]
fn a_plan_that_takes_long_shows_how_far_it_is_and_ctrl_c_takes_the_best_so_far() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_vayu"));
    command.args(["plan", "solve", "--bare", "--budget", "10m", "project.toml"]);
    command.cwd(folder.path());
    let mut room = Room::with(command);
    room.until("planning [");
    room.press("\x03");
    assert_eq!(room.end(), 0);
    room.until(" left out; value left out 0");
    room.until_without("planning [");
}
