use voc_e2e::Instance;

use crate::DEMO;

const STORE: &str = "data/voc.db";

/// Where the header of an SQLite file holds the schema's version (big-endian, 4 bytes).
/// <https://www.sqlite.org/fileformat.html#the_database_header>
const USER_VERSION: std::ops::Range<usize> = 60..64;

/// Damages the store, and expects that every command says so in one line, and exits 3.
#[track_caller]
fn check_refused(damage: impl Fn(&mut Vec<u8>), commands: &[&[&str]], says: &str) {
    let instance = Instance::copy_of(&DEMO.instance);
    let mut bytes = instance.read(STORE);
    damage(&mut bytes);
    instance.write(STORE, &bytes);
    for command in commands {
        let finished = instance.run(command.iter().copied()).expect(3);
        assert_eq!(finished.stderr.lines().count(), 1, "{}", finished.stderr);
        for part in [STORE, says] {
            assert!(
                finished.stderr.contains(part),
                "`{part}` is missing in: {}",
                finished.stderr
            );
        }
    }
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    check_refused(
        |bytes| bytes[USER_VERSION].copy_from_slice(&99_u32.to_be_bytes()),
        &[
            &["run"],
            &["status"],
            &["pulse"],
            &["search", "piatti"],
            &["rebuild"],
        ],
        "install the newer `voc`",
    );
}

#[test]
fn a_damaged_store_is_refused() {
    let verify: &[&[&str]] = &[&["status", "--verify"]];
    check_refused(|bytes| bytes.truncate(bytes.len() / 2), verify, "damaged");
    let scribble = |bytes: &mut Vec<u8>| {
        bytes[8192..]
            .chunks_mut(4096)
            .step_by(3)
            .for_each(|page| page.fill(0xA5))
    };
    check_refused(scribble, verify, "damaged");
}

#[test]
fn days_are_not_counted_anew_in_another_zone() {
    let instance = Instance::copy_of(&DEMO.instance);
    let config = String::from_utf8(instance.read("voc.toml")).unwrap();
    instance.write("voc.toml", config.replace("Europe/Rome", "Asia/Shanghai"));
    instance.write("exports/sales.jsonl", "");
    let finished = instance.run(["run"]).expect(2);
    assert!(
        finished.stderr.contains("Europe/Rome"),
        "{}",
        finished.stderr
    );
}
