//! Much at once: what concerns the same member is done together.

/// Hands over what concerns the same - a member, as a rule - together and in its order; what was refused before keeps its outcome. Outcomes are in
/// the order of what they are of; none where `done` gave none.
pub async fn by_member<K: Clone + PartialEq, T, U, F>(
    all: impl IntoIterator<Item = Result<(K, T), U>>,
    done: impl Fn(K, Vec<T>) -> F,
) -> Vec<Option<U>>
where
    F: Future<Output = Vec<U>>,
{
    let mut outcomes = Vec::new();
    let mut members: Vec<(K, Vec<usize>, Vec<T>)> = Vec::new();
    for (place, one) in all.into_iter().enumerate() {
        let (member, one) = match one {
            Ok(one) => one,
            Err(refused) => {
                outcomes.push(Some(refused));
                continue;
            }
        };
        outcomes.push(None);
        match members.iter_mut().find(|(known, ..)| *known == member) {
            Some((_, places, together)) => {
                places.push(place);
                together.push(one);
            }
            None => members.push((member, vec![place], vec![one])),
        }
    }
    for (member, places, together) in members {
        for (place, outcome) in places.into_iter().zip(done(member, together).await) {
            outcomes[place] = Some(outcome);
        }
    }
    outcomes
}
