use std::thread;

use serde_json::json;

use super::*;

const KEY: Key = Key([7; SIZE]);

fn source(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}

fn record(meta: serde_json::Value) -> Record {
    let line = json!({"id": "1", "source": "shop", "channel": "review", "text": "buono",
        "created_at": "2026-08-03T10:00:00Z", "meta": meta});
    serde_json::from_value(line).unwrap()
}

#[test]
fn a_new_key_is_its_owners_alone_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voc.key");
    let key = Key::load_or_create(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read(&path).unwrap(), key.0);
    assert_eq!(Key::load_or_create(&path).unwrap(), key);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no draft is left"
    );
    let other = Key::load_or_create(&folder.path().join("other.key")).unwrap();
    assert_ne!(other, key);
}

#[test]
fn whoever_comes_first_makes_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voc.key");
    create(&path).unwrap();
    let first = Key::load_or_create(&path).unwrap();
    create(&path).unwrap();
    assert_eq!(
        Key::load_or_create(&path).unwrap(),
        first,
        "a name that is taken is left alone"
    );
}

#[track_caller]
fn check_refused(bytes: usize, mode: u32, says: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voc.key");
    fs::write(&path, vec![1; bytes]).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    let error = Key::load_or_create(&path).unwrap_err();
    assert!(error.to_string().contains(says), "{error}");
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
}

#[test]
fn a_key_that_cannot_be_trusted_is_refused_with_the_remedy() {
    check_refused(31, 0o600, "31 bytes instead of 32; restore it");
    check_refused(0, 0o600, "0 bytes instead of 32");
    check_refused(33, 0o400, "33 bytes");
    check_refused(32, 0o640, "(mode 640); run: chmod 600");
    check_refused(32, 0o602, "(mode 602)");
    let error = Key::load_or_create(Path::new("/nonexistent/voc.key")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("create the key /nonexistent/voc.key"),
        "{error}"
    );
}

/// Expected values from Python's `hmac` over length-prefixed fields: stores and their keys
/// outlive releases, so these must never change.
#[test]
fn hashes_are_hmac_sha256_of_length_prefixed_fields() {
    assert_eq!(
        KEY.pseudonym(&source("shop"), "Мария").unwrap().as_str(),
        "1d33d994fc6daa253f55b05627fabfe24bdb24c0dfbbbf767f4530ddecc9f878"
    );
    assert_eq!(
        KEY.dead_hash(b"{broken").to_string(),
        "ebcaba1168190b354a536c048b3e0191fd051969a371fd50913b40b7d0bec48f"
    );
    let record = record(json!({"b": [{"q": 2, "p": 1}], "a": {"y": 2, "x": 1}}));
    assert_eq!(
        KEY.content_hash(&record).unwrap().to_string(),
        "a361661ae85fc6f1e67d81f1ead6cbe38ae6a088e75da47c59ab2b3cead83fab"
    );
}

#[test]
fn a_pseudonym_stands_for_one_name_of_one_source() {
    let of = |at: &str, name: &str| KEY.pseudonym(&source(at), name);
    assert_eq!(of("shop", " Мария\t"), of("shop", "Мария"));
    assert_ne!(of("shop", "Мария"), of("shop", "мария"));
    assert_ne!(of("shop", "Мария"), of("app", "Мария"));
    assert_ne!(
        of("shopa", "b"),
        of("shop", "ab"),
        "fields do not run into one another"
    );
    assert_ne!(
        of("shop", "Мария"),
        Key([8; SIZE]).pseudonym(&source("shop"), "Мария")
    );
    assert_eq!(of("shop", " \t"), None);
}

#[test]
fn content_differs_exactly_if_a_field_differs() {
    let hash = |record: &Record| KEY.content_hash(record).unwrap();
    let base = record(json!({"a": {"x": 1, "y": 2}, "b": [1, 2]}));
    assert_eq!(
        hash(&base),
        hash(&record(json!({"b": [1, 2], "a": {"y": 2, "x": 1}})))
    );
    assert_ne!(
        hash(&base),
        hash(&record(json!({"b": [2, 1], "a": {"x": 1, "y": 2}})))
    );
    let check = |change: fn(&mut Record)| {
        let mut changed = base.clone();
        change(&mut changed);
        assert_ne!(hash(&changed), hash(&base));
    };
    check(|record| record.author = Some("A".to_owned()));
    check(|record| record.title = Some("A".to_owned()));
    check(|record| record.set_part(voc_core::Part::Text, "buono ".to_owned()));
    check(|record| record.updated_at = Some(record.created_at));
    check(|record| record.consent = Some(true));
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{KEY:?}"), "Key(..)");
}

#[test]
fn those_who_start_together_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voc.key");
    let keys: Vec<_> = thread::scope(|scope| {
        let load = |_| scope.spawn(|| Key::load_or_create(&path).unwrap());
        let threads: Vec<_> = (0..8).map(load).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn lots_are_evenly_spread_and_hang_on_seed_key_and_record() {
    let lot = |seed, source: &str, id: &str| {
        let id = voc_core::RecordId::new(id).unwrap();
        let source = SourceId::new(source).unwrap();
        KEY.lot(seed, &RecordKey { source, id })
    };
    assert_eq!(lot(1, "shop", "1"), lot(1, "shop", "1"));
    assert_ne!(lot(1, "shop", "1"), lot(2, "shop", "1"));
    assert_ne!(lot(1, "ab", "c"), lot(1, "a", "bc"));
    let lots: Vec<Lot> = (0..2000)
        .map(|id| lot(1, "shop", &id.to_string()))
        .collect();
    for tenth in 0..10 {
        let low = f64::from(tenth) / 10.0;
        let inside = lots
            .iter()
            .filter(|lot| (low..low + 0.1).contains(&lot.chance));
        let inside = inside.count();
        // Five standard deviations.
        assert!((133..267).contains(&inside), "{inside} from {low}");
    }
    // The order is not that of the chances.
    let half = u64::MAX / 2;
    let both = lots
        .iter()
        .filter(|lot| lot.chance < 0.5 && lot.place < half)
        .count();
    assert!((400..600).contains(&both), "{both}");
}
