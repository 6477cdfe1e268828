//! Is the drug ruled out or changed for this sex?

use super::{Answer, Ask};
use concilium_case::Sex;

/// `what` is `female` or `male`. A sex that is not stated, or neither, leaves the rule open.
pub fn ask(ask: &Ask) -> Answer {
    let stated = match ask.case.patient.sex {
        Some(Sex::Female) => "female",
        Some(Sex::Male) => "male",
        Some(Sex::Other | Sex::Unknown) | None => {
            return ask.open("sex", "sex is not stated as female or male".into(), vec![]);
        }
    };
    match stated == ask.rule.what {
        true => ask.fired("sex", format!("sex {stated}"), vec![ask.case.patient.meta.id.clone()]),
        false => Answer::Clear(format!("sex {stated}")),
    }
}
