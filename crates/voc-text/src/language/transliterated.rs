//! Bulgarian written in Latin letters, as in many chats ("ne raboti, kakvo da pravq").

/// Words that no offered Latin-script language has, in their usual spellings.
const TELLING: &str = "az sam sum sym nie vie toi tq tya tova tozi tazi tezi kakvo kak kade kyde kude koga zashto \
    za6to za6o zashtoto za6toto mnogo malko dobre dobyr dobar losho lo6o nqma nyama nqkoi nyakoi imam ima imate iskam iska moje mozhe \
    molq molya blagodarq blagodarya mersi zdraveite zdravei raboti rabotq rabotya pravq pravya \
    poruchka porychka porachka pora4ka poru4ka poruchah pratka pratkata kurier kuriera \
    oshte o6te veche ve4e sled predi dnes vchera v4era utre nishto ni6to vsichko vsi4ko \
    chakam 4akam pari parite obadete obadih vurnete varnete trqbva tryabva trudno hubavo qko yako samo";

/// Small words that other languages share; they count only beside telling ones.
const SHARED: &str = "da ne na se si ot za po do i v s mi me ste sme li ili no pri bez ako kato 4e che shte 6te go gi im mu vi ni";

/// At least this many telling words.
const MIN_TELLING: usize = 2;

/// Whether most words of `text` are Bulgarian in Latin letters.
pub(super) fn is_bulgarian(text: &str) -> bool {
    let lower = text.to_lowercase();
    let (mut words, mut telling, mut shared) = (0, 0, 0);
    for word in lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.contains(char::is_alphabetic))
    {
        words += 1;
        telling += usize::from(has(TELLING, word));
        shared += usize::from(has(SHARED, word));
    }
    telling >= MIN_TELLING && (2 * telling + shared) * 5 >= words * 3
}

fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|entry| entry == word)
}
