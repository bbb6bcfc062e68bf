//! What the ledger needs in a programme for everything to happen.

use domain::kernel::quantity::Points;
use domain::programme::document::Document;

use super::auditor::STOCK;

/// A reward of which there are few, and one whose limit counts what is granted.
pub(super) fn complete(programme: &mut Document) {
    let drink = programme.reward.iter_mut().find(|reward| reward.id == "drink");
    drink.and_then(|drink| drink.limit.as_mut()).expect("drinks are limited").grants = true;
    let toy = programme.reward.iter().find(|reward| reward.id == "toy");
    let mut sticker = toy.cloned().expect("the programme has a toy");
    sticker.id = "sticker".to_owned();
    sticker.cost_points = Points(50);
    sticker.tier_price.clear();
    sticker.stock =
        STOCK.iter().find(|(reward, _)| *reward == "sticker").and_then(|(_, stock)| u32::try_from(*stock).ok());
    programme.reward.push(sticker);
}
