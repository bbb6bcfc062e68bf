//! Fields of a row (rules: import 12-15, members 13).

use domain::members::field::FieldType;
use jiff::civil::Date;
use serde_json::Value as Json;
use sheet::{CellFault, Cells, Raw, Stated};

use crate::fault::Fault;

/// What a cell says of which one may have several.
pub(crate) fn several(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、']).map(str::trim).filter(|part| !part.is_empty())
}

/// What a cell says of a field: nothing, or a value, or `null`, which clears.
pub(crate) fn field(
    cells: Cells<'_>,
    (name, takes): (&str, &FieldType),
    raw: &Raw,
    today: Date,
) -> Result<Option<Json>, Fault> {
    let broken = |fault: CellFault| Fault::cell(name, fault);
    let value = match takes {
        FieldType::Integer => json(cells.integer(raw).map_err(broken)?, Json::from),
        FieldType::Boolean => json(cells.boolean(raw).map_err(broken)?, Json::from),
        FieldType::Date => json(cells.date(raw).map_err(broken)?, |date| Json::from(date.to_string())),
        FieldType::Choices(_) => {
            json(cells.text(raw).map_err(broken)?, |text| several(&text).map(Json::from).collect())
        }
        FieldType::Text { .. } | FieldType::Choice(_) | FieldType::Country => {
            json(cells.text(raw).map_err(broken)?, Json::from)
        }
    };
    let Some(value) = value else { return Ok(None) };
    if value.is_null() {
        return Ok(Some(value));
    }
    match takes.read(&value, today) {
        Ok(_readable) => Ok(Some(value)),
        Err(words) => Err(match takes {
            FieldType::Date => Fault::new(name, "not_a_date", words),
            FieldType::Choice(_) | FieldType::Choices(_) => Fault::new(name, "not_an_option", words),
            _ => Fault::new(name, "invalid_value", words),
        }),
    }
}

fn json<T>(stated: Stated<T>, value: impl FnOnce(T) -> Json) -> Option<Json> {
    match stated {
        Stated::Nothing => None,
        Stated::Clear => Some(Json::Null),
        Stated::Is(stated) => Some(value(stated)),
    }
}
