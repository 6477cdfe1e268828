//! Which words carry which meaning in eligibility texts? Authored tables; names of genes, drugs and diseases come from
//! the release. A word that stands in no table is not understood, and what holds it is not computable.

use concilium_criteria::eligibility::{ConditionState, DiseaseExtent, LesionState, TherapyRef};
use concilium_knowledge::PriorTherapy;
use concilium_terms::ClassId;

/// Meaning of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sense {
    /// Carries nothing a criterion asks for.
    Stop,
    And,
    Or,
    /// Negation.
    Not,
    /// Opens an exception.
    Except,
    /// Opens a condition of a limit: `if`, `for patients with`.
    If,
    /// Opens examples.
    Examples,
    /// State of a condition or lesion that follows.
    State(StateWord),
    Known,
    /// `prior`, `received`.
    Prior,
    /// `treatment with`: when, is said elsewhere or not at all.
    Given,
    /// `last`: the time since is what counts.
    Last,
    /// `with or without`: what follows is not asked.
    Whether,
    /// `requiring systemic treatment`, made of [`Sense::Requiring`] and what is required.
    Needed,
    /// `concurrent`, `currently receiving`.
    Concurrent,
    /// `progressed on`, `refractory to`.
    Progressed,
    Intolerant,
    Confirmed,
    /// Another than the tumour of the trial.
    Another,
    /// `malignancy`.
    Malignancy,
    Extent(&'static [DiseaseExtent]),
    /// Key of a condition.
    Condition(&'static str),
    /// Key of a site whose metastasis it is.
    Metastasis(&'static str),
    /// Pregnancy and the like.
    Reproductive(&'static str),
    /// `hypersensitivity to`.
    Allergy,
    /// `study drug`, `any excipient`.
    StudyDrug,
    Therapy(Treatment),
    Analyte(&'static str),
    /// `line of therapy`, `regimen`.
    Line,
    Intent(&'static str),
    Measurable,
    Evaluable,
    Female,
    Male,
    /// Says that what stands in the clause is let in.
    Allowed,
    /// `disease` and the like: the tumour of the trial.
    OwnDisease,
    /// Performance scale.
    Scale(&'static str),
    /// One of the stains that have a name of their own.
    Stain(&'static str),
    Mutation(Change),
    Positive,
    Negative,
    Low,
    Requiring,
    /// `adequate renal function`.
    Adequate,
    Age,
    Stage,
    UpperLimit,
    LowerLimit,
    NormalLimits,
}

/// Words of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateWord {
    Ever,
    Active,
    Uncontrolled,
    Untreated,
    Symptomatic,
    Stable,
    Treated,
}

impl StateWord {
    pub fn condition(self) -> Option<ConditionState> {
        match self {
            StateWord::Ever => Some(ConditionState::Ever),
            StateWord::Active => Some(ConditionState::Active),
            StateWord::Uncontrolled | StateWord::Symptomatic => Some(ConditionState::Uncontrolled),
            StateWord::Untreated | StateWord::Stable | StateWord::Treated => None,
        }
    }

    pub fn lesion(self) -> Option<LesionState> {
        match self {
            StateWord::Ever => Some(LesionState::Any),
            StateWord::Active | StateWord::Uncontrolled => Some(LesionState::Active),
            StateWord::Untreated => Some(LesionState::Untreated),
            StateWord::Symptomatic => Some(LesionState::Symptomatic),
            StateWord::Stable => Some(LesionState::Stable),
            StateWord::Treated => Some(LesionState::Treated),
        }
    }
}

/// Kinds of change a word behind a gene may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Mutation,
    Activating,
    Rearrangement,
    Amplification,
    Loss,
    Alteration,
    Wildtype,
    Overexpression,
    Expression,
}

/// Treatments that are no single drug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    Systemic,
    Class(&'static str),
    Investigational,
    Radiotherapy(Option<&'static str>),
    MajorSurgery,
    TumourSurgery,
    Transplant(Option<&'static str>),
    CellTherapy,
    LiveVaccine,
    Transfusion,
    GrowthFactor,
    /// Either of two classes.
    Classes(&'static str, &'static str),
}

impl Treatment {
    /// The second class of a pair.
    pub fn other(self) -> Option<TherapyRef> {
        match self {
            Treatment::Classes(_, id) => Some(Treatment::Class(id).reference()),
            _ => None,
        }
    }

    pub fn reference(self) -> TherapyRef {
        let owned = |site: Option<&str>| site.map(str::to_owned);
        match self {
            Treatment::Systemic => TherapyRef::Drug(PriorTherapy::AnySystemic),
            Treatment::Class(id) | Treatment::Classes(id, _) => {
                TherapyRef::Drug(PriorTherapy::Class(ClassId::new(id)))
            }
            Treatment::Investigational => TherapyRef::Investigational,
            Treatment::Radiotherapy(site) => TherapyRef::Radiotherapy(owned(site)),
            Treatment::MajorSurgery => TherapyRef::MajorSurgery,
            Treatment::TumourSurgery => TherapyRef::TumourSurgery,
            Treatment::Transplant(kind) => TherapyRef::Transplant(owned(kind)),
            Treatment::CellTherapy => TherapyRef::CellTherapy,
            Treatment::LiveVaccine => TherapyRef::LiveVaccine,
            Treatment::Transfusion => TherapyRef::Transfusion,
            Treatment::GrowthFactor => TherapyRef::GrowthFactor,
        }
    }
}

use DiseaseExtent as E;
use Sense as S;
use StateWord as W;

/// Words that carry nothing here. Short on purpose: each was asked whether dropping it could change who is let in.
pub(crate) const STOP: &str = "a|an|the|of|to|in|for|at|by|as|on|is|are|be|been|being|was|were|has|have|had|having|who|\
that|which|this|these|those|their|his|her|its|it|they|he or she|there|must|should|shall|will|can|with|per|via|\
patient|participant|subject|individual|person|people|candidate|patient must|any|all|also|\
evidence|documented|documentation|document|presence|present|diagnosis|diagnosed|known diagnosis of|determined|\
defined as|defined by|as defined by|as determined by|according to|based on|as assessed by|assessed by|\
assessed|evaluated|measured|demonstrated|demonstrated by|established|diagnosis of|a diagnosis of|\
at screening|at baseline|screening|baseline|at time of enrollment|at the time of enrollment|at enrollment|at study entry|\
study entry|at time of study entry|at the time of study entry|at entry|at registration|at randomization|\
at the time of screening|at the time of signing informed consent|at time of signing informed consent|\
at the time of consent|at time of consent|at the time of informed consent|at time of informed consent|\
on the day of signing informed consent|on the day of consent|on day of signing informed consent|\
at the time of signing the informed consent|at the time of signing the informed consent form|\
at the time of signing the icf|at the time of signing icf|at the time of registration|at time of registration|\
at the time of randomization|at the time of study enrollment|at time of study enrollment|prior to enrollment|prior to study entry|\
before enrollment|before randomization|prior to randomization|prior to registration|before registration|\
at diagnosis|at the time of informed consent signature|at the time of informed consent form signature|\
laboratory|lab|local laboratory|test|test result|testing|study|trial|this study|at the start of treatment|at the start of the study|serum|plasma|blood|level|value|count|total count|result|score|status|\
following|the following|as follow|criteria|criterion|inclusive|included|e|approximately|i|namely|\
history and physical|by history|on imaging|by imaging|radiographically|radiologically|radiographic|\
clinical|clinically|form|note|eligible|to be eligible|for inclusion|to participate|enrolled|enrollment|\
using|calculated|calculated by|estimated|estimated by|measured by|by the|method|formula|equation|\
respectively|either|both|one of|at least one of|one or more of|one or more|at least one|\
cockcroft gault|cockcroft gault formula|cockcroft gault equation|cockroft gault|cockroft gault formula|cockroft gault equation|\
cockcroft and gault formula|cockcroft and gault|the cockcroft gault|mdrd|ckd epi|modification of diet in renal disease|\
echocardiogram|echocardiography|echo|muga|muga scan|multigated acquisition|multi gated acquisition|multiple gated acquisition|\
multigated acquisition scan|multi gated acquisition scan|multiple gated acquisition scan|multigated acquisition muga scan|\
multi gated acquisition muga scan|multiple gated acquisition muga scan|multigated radionuclide angiography|\
resting|mean|average|triplicate|average of triplicate|on room air|room air|in room air|corrected for hemoglobin|\
transthoracic echocardiogram|12 lead electrocardiogram|12 lead ecg|electrocardiogram|ecg|ekg|then|cases|case|\
institutional|local institution|actual body weight|\
fasting|in any setting|levels|based on most recent|based on the most recent|most recent echocardiogram|if using|if using the|of any kind|of any type|for any reason|any form of|any kind of|contained in|\
as evidenced by|as indicated by|evidenced by|as demonstrated by|as shown by|indicated by|as measured by|\
to be|prior history of none";

/// Organ function that limits behind it spell out, or that a person must judge.
pub(crate) const ADEQUATE: &str = "normal organ and marrow function|adequate organ and marrow function as defined below|\
adequate hematologic function|adequate bone marrow function|adequate hematological function|\
adequate liver function|adequate hepatic function|adequate renal function|adequate kidney function|\
adequate organ function|adequate cardiac function|adequate coagulation|adequate coagulation function|\
adequate marrow function|adequate bone marrow reserve|adequate hematopoietic function|\
adequate hepatic and renal function|adequate bone marrow and organ function|\
adequate blood clotting function|adequate hematologic and organ function|acceptable liver function|\
acceptable renal function|acceptable hematologic status|acceptable kidney function|\
normal hepatic function|normal renal function|normal bone marrow function|hepatic function|\
renal function|liver function|kidney function|bone marrow function|cardiac function|\
adequate bone marrow|adequate renal|adequate liver|adequate hepatic";

/// (sense, phrases joined by `|`). A longer phrase goes before a shorter one.
pub(crate) const PHRASES: &[(Sense, &str)] = &[
    (S::And, "and|as well as|plus|in addition"),
    (S::Or, "or|and or|or any|or other than none"),
    (
        S::Not,
        "no|not|without|absence of|lack of|free of|free from|never|must not|must not have|should not have|may not have|\
         cannot have|can not have|do not have|does not have|did not have|has not|have not|no evidence of|none of|neither|nor|no documented|not have|has no|have no|with no|\
         no clinical evidence of|no signs of|absence of any|no evidence of any|does not have any|do not have any|not be|must not be|should not be|may not be|is not|are not|was not|had no",
    ),
    (
        S::Except,
        "except|except for|unless|with the exception of|with exception of|other than|excluding|apart from|exception|\
         exceptions include|exceptions|but not|with the exceptions of|excepting|not including|aside from",
    ),
    (
        S::If,
        "if|patients w|subjects w|for patients w|participants w|for patients with|for participants with|for subjects with|in patients with|in subjects with|\
         in participants with|in case of|in the case of|in the presence of|in presence of|for those with|\
         in those with|for patients who have|when|where|in cases of|if the patient has|if patient has|if subject has|\
         if participant has|if there is|in the setting of|if due to|for patients known to have|in patients who have|\
         for individuals with|in individuals with|if there are|in patients with known|patients with|participants with|\
         subjects with|due to|attributable to|attributed to|secondary to|for patients with known|in patients with documented|in subjects with documented|in the presence of documented|in participants with documented",
    ),
    (
        S::Examples,
        "e g|such as|including|including but not limited to|i e|for example|including but not limited|like|eg|ie|includes|include",
    ),
    (
        S::State(W::Active),
        "active|ongoing|current|currently active|acute|clinically active|progressive|presently active|chronic|\
         active or chronic|chronic or active|acute or chronic|chronic active|active chronic|progressing|\
         that is progressing|that is currently progressing|active or ongoing|ongoing or active|currently progressing or requiring active treatment|\
         progressing or requiring active treatment|that is progressing or requires active treatment|\
         progressing or requires active treatment|that is progressing or requires treatment|\
         that is progressing or has required active treatment|that is progressing or required active treatment|\
         that progressed or required active treatment|that has progressed or required active treatment|\
         that is active|which is active|that are active|rapidly progressive|rapidly progressing",
    ),
    (
        S::State(W::Uncontrolled),
        "uncontrolled|poorly controlled|inadequately controlled|unstable|clinically significant|significant|severe|serious|\
         not controlled|clinically relevant|decompensated|not adequately controlled|clinically important|\
         symptomatic or uncontrolled|uncontrolled or significant|\
         uncontrolled active|active uncontrolled|severe or uncontrolled|serious or uncontrolled|severe and or uncontrolled|\
         major|insufficiently controlled|not well controlled|inadequately treated|moderate or severe|moderate to severe|\
         neurologically unstable|severe or unstable|symptomatic or unstable|unstable or symptomatic",
    ),
    (
        S::State(W::Ever),
        "history of|a history of|prior history of|past history of|medical history of|previous history of|any history of|\
         past or current|current or past|history or current|history of or current|current or prior history of|\
         current or history of|history of or active|history or presence of|history|history of prior|history of or|\
         past or present|prior or current|current or previous|previous or current|personal history of|has ever had|\
         history or evidence of|history or current evidence of|current evidence of or history of|has a history of or current",
    ),
    (S::State(W::Untreated), "untreated|previously untreated lesion"),
    (S::State(W::Symptomatic), "symptomatic|clinically symptomatic"),
    (
        S::State(W::Stable),
        "stable|asymptomatic|clinically stable|neurologically stable|controlled|radiologically stable|\
         radiographically stable",
    ),
    (
        S::State(W::Treated),
        "treated|adequately treated|previously treated|definitively treated|successfully treated",
    ),
    (
        S::Known,
        "known|known to be|known to have|known presence of|known or suspected|suspected or known|confirmed or suspected",
    ),
    (
        S::Prior,
        "prior|previous|previously|prior treatment with|prior therapy with|previous treatment with|previous therapy with|\
         prior exposure to|previous exposure to|received|has received|have received|receipt of|\
         previously treated with|previously received|prior use of|prior receipt of|exposure to|\
         received prior|has received prior|have received prior|received previous|has received previous|received treatment with|\
         received prior treatment with|received prior therapy with|prior administration of|history of treatment with|\
         history of prior treatment with|received any|received any prior|prior systemic treatment with|has had|have had|\
         have been treated with|has been treated with|undergone|had|has undergone|have undergone|prior history of receiving|underwent|\
         received any previous|received at any time|pretreated with|who have received|who received|receive|has experienced|have experienced|experienced|who have experienced|\
         has ever received|have used|has used|who have used|have previously used|previously used|has been previously treated with|have been previously treated with|were treated with",
    ),
    (S::Last, "last|last dose of|the last dose of|last administration of"),
    (S::Whether, "with or without|regardless of"),
    (S::Given, "treatment with|treated with|therapy with|administration of|any treatment with"),
    (
        S::Concurrent,
        "concurrent|concomitant|currently receiving|currently taking|currently on|currently using|current use of|\
         concurrent use of|concomitant use of|ongoing treatment with|concurrent treatment with|concomitant treatment with|\
         current treatment with|simultaneous|receiving concurrent|is currently receiving|are currently receiving|use of|\
         receiving|taking|concurrently receiving|concurrent therapy with|concomitant therapy with|current therapy with|\
         ongoing therapy with|ongoing use of|on treatment with|currently being treated with|chronic use of|currently treated with|\
         concurrent administration of|chronic treatment with|on|receiving treatment with|currently receiving treatment with|\
         requirement for|need for|require treatment with|requires treatment with|requiring treatment with|need for treatment with|\
         concurrent systemic",
    ),
    (
        S::Progressed,
        "progressed on|progressed after|progressed on or after|progressed during|progressed following|progression on|\
         progression after|progression on or after|progression during|progression following|disease progression on|\
         disease progression on or after|disease progression after|disease progression following|disease progression during|\
         progressed during or after|progressed on or following|refractory to|resistant to|relapsed after|relapsed following|\
         progressed while on|failed|failure of|failed prior|failed previous|failed treatment with|progressive disease after|\
         progressive disease on|progressive disease following|disease that has progressed after|disease that has progressed on|\
         disease that has progressed following|progression during or after|progressed despite|has progressed on|\
         recurrence after|recurred after|recurrence following|disease progression during or after|progression while on|\
         must have progressed on|must have progressed after|progressed on prior|progressed after prior",
    ),
    (S::Intolerant, "intolerant to|intolerant of|intolerance to|unable to tolerate|could not tolerate"),
    (
        S::Confirmed,
        "histologically confirmed|cytologically confirmed|histologically or cytologically confirmed|\
         histologically and or cytologically confirmed|cytologically or histologically confirmed|pathologically confirmed|\
         histologically proven|histologically or cytologically proven|histologically documented|biopsy proven|\
         histologically or cytologically documented|histologic confirmation of|histological confirmation of|confirmed|\
         histologic or cytologic confirmation of|histological or cytological confirmation of|histologically verified|\
         pathologically proven|histologically confirmed diagnosis of|histologically or cytologically confirmed diagnosis of|\
         histologic diagnosis of|histological diagnosis of|histologic or cytologic diagnosis of|cytologically proven|\
         histological or cytological diagnosis of|histologic proof of|histological evidence of|histologic evidence of|\
         histologically and cytologically confirmed|pathologically documented|pathology confirmed|proven|biopsy confirmed|\
         pathologically or cytologically confirmed|histologically confirmed by biopsy|histological or cytological evidence of|\
         histologic or cytologic evidence of|histologically|cytologically|pathologically|histological|cytological|\
         histology or cytology confirmed|histologically confirmed to have|histopathologically confirmed|\
         histologically or cytologically verified|cytologically or pathologically confirmed|\
         histologically or pathologically confirmed|histologically confirmed primary|microscopically confirmed|\
         histologic documentation of|histologic or cytologic documentation of|pathologic diagnosis of",
    ),
    (
        S::Another,
        "other|another|second|secondary|additional|second primary|other primary|different|synchronous|other invasive|another primary|other than the study|any other",
    ),
    (
        S::Malignancy,
        "malignancy|malignant disease|malignant tumor|primary malignancy|invasive malignancy|malignancies|invasive cancer|\
         malignant neoplasm|primary cancer|primary tumor|malignant disorder|cancer diagnosis|primary malignant tumor|\
         invasive malignancies|cancers|neoplasm|malignant condition|malignant diseases|\
         solid or hematologic malignancy",
    ),
    (S::Extent(&[E::Localised]), "localized|resectable|operable|early stage|localised"),
    (
        S::Extent(&[E::LocallyAdvanced]),
        "locally advanced|locoregionally advanced|loco regionally advanced|local advanced",
    ),
    (
        S::Extent(&[E::Unresectable]),
        "unresectable|inoperable|surgically unresectable|nonresectable|non resectable|not resectable|irresectable",
    ),
    (S::Extent(&[E::Metastatic]), "metastatic|with distant metastases|stage iv metastatic|disseminated"),
    (S::Extent(&[E::LocallyAdvanced, E::Unresectable, E::Metastatic]), "advanced"),
    (
        S::Extent(&[E::Recurrent]),
        "recurrent|relapsed|relapsing|relapse|recurrence|locally recurrent|locoregionally recurrent",
    ),
    (S::Extent(&[E::Refractory]), "refractory"),
    (
        S::Extent(&[E::Remission]),
        "in remission|complete remission|in complete remission|no evidence of disease",
    ),
    (
        S::Extent(&[E::Untreated]),
        "newly diagnosed|treatment naive|previously untreated|untreated disease|therapy naive|chemotherapy naive disease|de novo untreated",
    ),
    (
        S::OwnDisease,
        "disease|tumor|cancer disease|the disease|malignant disease under study|disease under study|lesion",
    ),
    (
        S::Reproductive("pregnant"),
        "positive pregnancy test|positive serum pregnancy test|positive urine pregnancy test|positive urine or serum pregnancy test|\
         positive serum or urine pregnancy test|pregnancy test|serum pregnancy test|urine pregnancy test|urine or serum pregnancy test|\
         serum or urine pregnancy test|serum hcg pregnancy test|serum or urine hcg pregnancy test|beta hcg pregnancy test|\
         serum beta hcg pregnancy test|pregnancy test result|pregnant|pregnancy|pregnant woman|pregnant women|pregnant female",
    ),
    (
        S::Reproductive("breastfeeding"),
        "breastfeeding|breast feeding|lactating|nursing|lactation|nursing mother|lactating woman|lactating women|\
         breastfeeding woman|breastfeeding women|nursing woman|nursing women|breast feeding women|lactating female",
    ),
    (
        S::Reproductive("childbearing-potential"),
        "childbearing potential|child bearing potential|woman of childbearing potential|women of childbearing potential|\
         wocbp|female of childbearing potential|women of child bearing potential|female of child bearing potential|\
         females of reproductive potential|women of reproductive potential",
    ),
    (
        S::Allergy,
        "allergy to|allergic to|hypersensitivity to|allergic reaction to|allergy|hypersensitivity|hypersensitivity reaction to|\
         allergic reactions|hypersensitivity reactions|anaphylaxis to|anaphylactic reaction to|sensitivity to|\
         allergy or hypersensitivity to|hypersensitivity or allergy to|allergies|allergic reactions to|\
         hypersensitivity reactions to|allergic or hypersensitivity reaction to|hypersensitivity or allergic reaction to|\
         intolerance or hypersensitivity to|hypersensitivity or intolerance to|allergic or anaphylactic reaction to|\
         severe hypersensitivity reaction to|anaphylactic reactions to|allergy or intolerance to",
    ),
    (
        S::StudyDrug,
        "study drug|study treatment|study medication|investigational product|study therapy|study agent|study drugs|\
         excipient|its excipients|component|ingredient|formulation|components of the study drug|study intervention|\
         inactive ingredient|excipients|any of its excipients|any of its components|active substance|study product|\
         any component of the study drug|drug formulation|drug product|investigational drug product|study drug component|other agents used in the study|agents used in the study|agents used in study|other agents used in study|\
         additives|any of the study treatments|study treatments|study medications|study agents|protocol specified study treatments|\
         similar compound|compound of similar chemical or biologic composition|similar chemical or biologic composition|\
         compounds of similar chemical or biologic composition|protocol drug|trial drug|trial treatment|test article",
    ),
    (
        S::Line,
        "prior line of therapy|prior lines of therapy|prior line of treatment|line of therapy|line of treatment|line|regimen|line of|lines of therapy|prior line|treatment line|treatment regimen|therapeutic line",
    ),
    (S::Intent("neoadjuvant"), "neoadjuvant|neo adjuvant"),
    (S::Intent("adjuvant"), "adjuvant"),
    (
        S::Intent("advanced"),
        "for metastatic disease|for advanced disease|for advanced or metastatic disease|for metastatic cancer|in the metastatic setting|\
         in the advanced setting|in the advanced or metastatic setting|for locally advanced or metastatic disease|for recurrent or metastatic disease|\
         in metastatic setting|for unresectable or metastatic disease|for locally advanced unresectable or metastatic disease|\
         in the recurrent or metastatic setting|for stage iv disease|for advanced cancer|in the locally advanced or metastatic setting|\
         for locally advanced unresectable disease|for advanced metastatic disease",
    ),
    (
        S::Measurable,
        "measurable disease|measurable lesion|measurable tumor|measurable target lesion|measurable tumor lesion|measurable",
    ),
    (
        S::Evaluable,
        "evaluable disease|evaluable|evaluable lesion|assessable disease|measurable or evaluable|measurable or evaluable disease|\
         measurable and or evaluable|measurable and or evaluable disease|measurable and evaluable disease|measurable or assessable disease|\
         evaluable or measurable disease|measurable or non measurable disease|measurable or nonmeasurable disease",
    ),
    (S::Female, "female|woman|women|females|female patient"),
    (S::Male, "male|man|men|males|male patient"),
    (S::Age, "age|aged|ages|years of age|year of age|year old|years old|yr of age|yo|age range"),
    (
        S::Stage,
        "stage|clinical stage|pathologic stage|figo stage|ajcc stage|tnm stage|disease stage|ann arbor stage|international staging system stage",
    ),
    (
        S::Allowed,
        "allowed|permitted|eligible if|acceptable|may be enrolled|are eligible|is eligible|will be eligible|can be enrolled|\
         may participate|may be eligible|are allowed|is allowed|is permitted|are permitted|not excluded|will be allowed|will not be excluded|\
         may be included|can be included|may enroll|are acceptable|is acceptable|not exclusionary|can participate|remain eligible|\
         are not excluded|may be allowed|do not exclude|does not exclude|is not exclusionary|are considered eligible|will be permitted|\
         not required|is not required|are not required|may receive|may have|may have had|can be eligible|may still be eligible",
    ),
    (S::Positive, "positive|positivity|seropositive|expressing|positive for"),
    (S::Negative, "negative|negativity|seronegative"),
    (S::Low, "low"),
    (
        S::Requiring,
        "requiring|that requires|that require|that required|that has required|that have required|which required|which has required|required|has required|have required|which requires|which require|in need of|require|requires|necessitating|needing",
    ),
    (
        S::UpperLimit,
        "iuln|uln|upper limit of normal|upper limits of normal|upper normal limit|upper limit of the normal range|unl|upper limit of normal range|\
         upper limit of reference range|upper limit|upper limit of the normal|upper limits of the normal range|upper limit normal",
    ),
    (
        S::LowerLimit,
        "lln|lower limit of normal|lower limits of normal|lower limit of the normal range|lower normal limit|institutional lower limit of normal",
    ),
    (
        S::NormalLimits,
        "within normal limits|within normal limit|within the normal range|within normal range|within institutional normal limits|\
         within normal institutional limits|normal limits|wnl|within institutional limits of normal|within limits of normal|within the normal limits|\
         within institutional normal range|normal|within institutional limits",
    ),
];
