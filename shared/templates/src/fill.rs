//! A text is filled with values. What is said is text: no value is ever a line, a link or a tag of its own.

use std::collections::BTreeMap;

use domain::kernel::time::Zone;
use domain::programme::condition::Scalar;
use jiff::Timestamp;
use jiff::civil::Date;
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::asking::{Asking, Fault};

/// The longest value, in characters.
const LONGEST: usize = 120;

/// Fills texts of one template in one language.
pub(crate) struct Filler {
    environment: Environment<'static>,
    values: BTreeMap<String, String>,
    pub(crate) fallbacks: Vec<String>,
}

impl Filler {
    pub(crate) fn new(asking: Asking<'_>, locale: &str) -> Result<Self, Fault> {
        let (mut values, mut fallbacks) = (BTreeMap::new(), Vec::new());
        for (name, said) in &asking.template.value {
            let known = asking.values.get(name).map(plain).filter(|text| !text.trim().is_empty());
            let text = match (known, said.fallback.get(locale)) {
                (Some(text), _) => text,
                (None, Some(fallback)) => {
                    fallbacks.push(name.clone());
                    fallback.clone()
                }
                (None, None) => return Err(Fault::Missing(name.clone())),
            };
            values.insert(name.clone(), text);
        }
        values.extend(asking.action.map(|url| ("action_link".to_owned(), url.to_owned())));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let (language, zone) = (locale.to_owned(), asking.zone.clone());
        environment.add_filter("date", move |text: String| date(&text, &language, &zone));
        Ok(Self { environment, values, fallbacks })
    }

    pub(crate) fn fill(&self, text: &str) -> Result<String, Fault> {
        let filled = self.environment.render_str(text, Value::from(self.values.clone()));
        filled.map(|text| text.trim().to_owned()).map_err(|error| Fault::Text(error.to_string()))
    }
}

/// A value as text on one line, and nothing in it that a text could take for its own.
fn plain(value: &Scalar) -> String {
    let text = match value {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Boolean(value) => value.to_string(),
    };
    let kept = text.chars().map(|letter| if letter.is_control() || letter.is_whitespace() { ' ' } else { letter });
    kept.filter(|letter| !"[]()<>".contains(*letter)).take(LONGEST).collect()
}

/// A date, or the local date of an instant, as one writes it in a language; what is none stays as it is.
fn date(text: &str, locale: &str, zone: &Zone) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let of_instant = || text.parse::<Timestamp>().ok().map(|at| zone.date(at));
    let Some(date) = text.parse::<Date>().ok().or_else(of_instant) else { return text.to_owned() };
    let (year, month, day) = (date.year(), date.month(), date.day());
    if locale.starts_with("zh") || locale.starts_with("ja") {
        return format!("{year}年{month}月{day}日");
    }
    let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month.saturating_sub(1)));
    format!("{day} {} {year}", name.copied().unwrap_or_default())
}
