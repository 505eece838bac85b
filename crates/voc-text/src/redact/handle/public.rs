//! Handles that are plainly not a private person's: shops, carriers, help desks.
//!
//! Most handles in messages to a company name companies, and replacing them would hide whom
//! a complaint is about. A handle is taken for public if it holds a word of business
//! (`@acme_support`), ends in a country (`@acme_uk`), or is a capitalised name of letters
//! alone that does not begin with a first name (`@NordRail`). Everything else is private.

/// Words of business, as a part of a handle or its end.
const BUSINESS: &str = "support help helps care cares service services custserv customers customercare official assistenza \
    servizioclienti bank banca shop store market mobile airport airlines airways air rail trains power energy news \
    post express delivery hotel hotels group media online global team insurance telecom";

/// Countries that companies add to their handles.
const COUNTRIES: [&str; 16] = [
    "uk",
    "us",
    "usa",
    "it",
    "bg",
    "de",
    "fr",
    "es",
    "eu",
    "cn",
    "in",
    "ie",
    "italia",
    "bulgaria",
    "deutschland",
    "china",
];

/// Business in Chinese.
const CHINESE: [&str; 16] = [
    "客服", "官方", "银行", "旅行", "航空", "快递", "物流", "商城", "超市", "外卖", "酒店", "公司",
    "科技", "电信", "移动", "官微",
];

/// First names of Italy, Bulgaria, China, and the countries whose languages are read.
const FIRST_NAMES: &str = "aaron adam adrian agnes aleksand alessand alessia alex alfred alice alison amanda amelia amy ana andrea \
    andrei andrej andrew andy angel angela anita anna anne antonella antonia antonio arianna arthur asen atanas audrey barbara \
    beatrice ben bernard beth bianca bill bob bogdan boris boyan boyko brandon brian bruno camille carl carla carlo carlos carmen \
    carol caterina catherine cecilia charles charlie charlotte chiara chloe chris christ claire clara claudia claudio colin \
    cristi damian dan daniel daniela david davide debora denis denitsa derek desislava diana diego dimit dom don dora doris \
    dragomir ed edward elena eleonora elisa elizabeth ellen emanuela emil emilia emily emma enrico eric erik ermanno eva evelyn \
    evgeni fabio fabri federic felix fernando filip filippo flavia flora frances frank fred gabriel gabriela galina gary george \
    georgi gergana gian giacomo ginevra giorgi giovann giulia giulio giuseppe gosho grace greg guido hannah harriet harry heather \
    helen henry hristo hugo iacopo ian igor ilaria ilia iliya irene irina isabel isabella ivan ivana ivaylo ivelina jack jackie \
    jacob jake james jamie jan jane janet jason javier jean jeff jenn jenny jeremy jessica jill jim joan joe joel johan john \
    jon jordan jorge jose joseph josh juan judith julia julian julie justin kalina kaloyan karen karl kate katerina katherine \
    kathy katie katya kelly ken kevin kim kiril krasimir kristi kyle lars laura lauren leo leonardo liam lili linda lisa liu \
    lora lorenzo louis louise luc lucia luigi luis luke lyubomir maggie manuel marc marco margarita maria marian marie marin \
    mario mark marta martin mary matt matteo max megan mel mia michael michel mihail mike mila milen milena miriam mladen \
    molly monica nadezhda nadia nancy natalia natasha neil nick nicol nigel nik nikol nina nora oliver olivia paola paolo pat \
    patri paul pavel pedro penny pete peter petar petya philip pierre plamen rachel radost raffael ralitsa raymond rebecca renata \
    riccardo richard rita rob robert roberta roberto roger ron rosa rossella rositsa roxana rumen rumyana russell ruth ryan \
    sabrina sam samuel sandra sara sarah scott sean sebastian serena sergio sharon silvia simon simona sofia sonia sophie \
    stanislav stef stella stephen steve stoyan sue susan svetla sylvia tamara tanya tatiana ted teodor teresa theo thomas tihomir \
    tim tina todor tom tommaso tony tsvet ugo umberto valentin valeria vanessa vasil venelin ventsislav vera veronica veselin \
    victor victoria viktor viktoria vincent vincenzo viola violeta virgil vittori vlad vladimir walter wang wei wendy will xiao \
    yana yoana yordan zhang zhao zhou zoe zlatka";

/// Whether `name`, without its at-sign, is plainly not a private person's.
pub(super) fn is_public(name: &str) -> bool {
    if CHINESE.iter().any(|word| name.contains(word)) {
        return true;
    }
    if !name.is_ascii() || name.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let parts = parts(name);
    let business = BUSINESS.split_whitespace().any(|word| {
        parts.iter().any(|part| part.eq_ignore_ascii_case(word))
            || (word.len() > 3 && lower.ends_with(word))
    });
    let country = parts.len() > 1
        && parts
            .last()
            .is_some_and(|part| COUNTRIES.contains(&part.to_ascii_lowercase().as_str()));
    let person = FIRST_NAMES
        .split_whitespace()
        .any(|first| lower.starts_with(first));
    let brand = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    business || country || (brand && !person)
}

/// The parts of `Acme_NordRail`: `Acme`, `Nord`, `Rail`. Capitals in a row are one part.
fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in name
        .split(['_', '.', '-'])
        .filter(|piece| !piece.is_empty())
    {
        let bytes = piece.as_bytes();
        let mut start = 0;
        for at in 1..bytes.len() {
            let rises = bytes[at].is_ascii_uppercase() && !bytes[at - 1].is_ascii_uppercase();
            let begins = bytes[at].is_ascii_uppercase()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            if rises || begins {
                parts.push(&piece[start..at]);
                start = at;
            }
        }
        parts.push(&piece[start..]);
    }
    parts
}
