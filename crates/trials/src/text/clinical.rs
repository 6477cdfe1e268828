//! Names of conditions, sites, treatments, measurements and judgements as eligibility texts write them. Authored; keys
//! of conditions and analytes are those of the safety tables where those have one.

use super::words::{Change, Treatment as T};
use concilium_criteria::eligibility::Judgement as J;

/// (key, phrases joined by `|`).
pub(crate) const CONDITIONS: &[(&str, &str)] = &[
    (
        "hiv",
        "hiv|human immunodeficiency virus|hiv infection|hiv positive|human immunodeficiency virus infection|acquired immunodeficiency syndrome|aids|infection with hiv|hiv 1|hiv 2|hiv seropositivity|human immunodeficiency virus positive|positive hiv test|positive test for hiv|hiv positivity|infection with human immunodeficiency virus|hiv aids|hiv antibody|positive for hiv|seropositive for hiv|aids related illness|acquired immune deficiency syndrome|human immunodeficiency virus hiv",
    ),
    (
        "hepatitis-b",
        "hepatitis b|hbv|hepatitis b virus|hbv infection|hepatitis b infection|hepatitis b virus infection|positive hepatitis b surface antigen|hbsag positive|hepatitis b surface antigen positive|hbsag|positive hbsag|infection with hepatitis b|hepatitis b surface antigen|chronic hepatitis b|viral hepatitis b",
    ),
    (
        "hepatitis-c",
        "hepatitis c|hcv|hepatitis c virus|hcv infection|hepatitis c infection|hepatitis c virus infection|infection with hepatitis c|hepatitis c antibody|positive hepatitis c antibody|hcv rna|chronic hepatitis c|viral hepatitis c",
    ),
    ("hepatitis", "hepatitis|viral hepatitis|chronic hepatitis|infectious hepatitis"),
    ("tuberculosis", "tuberculosis|tb|tuberculosis infection|mycobacterium tuberculosis"),
    ("covid-19", "covid 19|sars cov 2|sars cov 2 infection|covid 19 infection"),
    (
        "active-infection",
        "infection|infections|infectious disease|systemic infection|bacterial infection|viral infection|fungal infection|bacterial viral or fungal infection|bacterial fungal or viral infection|infectious process|bacterial viral fungal infection|infection of any kind|systemic infections|bacterial or viral infection|viral bacterial or fungal infection|fungal bacterial or viral infection|systemic bacterial viral or fungal infection|systemic fungal bacterial viral or other infection|infectious illness",
    ),
    ("sepsis", "sepsis|septicemia|bacteremia"),
    (
        "autoimmune-disease",
        "autoimmune disease|autoimmune disorder|autoimmune condition|autoimmune diseases|auto immune disease|systemic autoimmune disease|autoimmune or inflammatory disorder",
    ),
    (
        "immunodeficiency",
        "immunodeficiency|primary immunodeficiency|immune deficiency|diagnosis of immunodeficiency|congenital immunodeficiency|immunodeficiency disease|immune deficiency disease|immunosuppression|immunodeficiency disorder",
    ),
    (
        "interstitial-lung-disease",
        "interstitial lung disease|ild|pulmonary fibrosis|idiopathic pulmonary fibrosis|interstitial pulmonary disease|lung fibrosis|interstitial fibrosis",
    ),
    (
        "pneumonitis",
        "pneumonitis|non infectious pneumonitis|noninfectious pneumonitis|drug induced pneumonitis|interstitial pneumonitis|immune related pneumonitis|interstitial pneumonia|idiopathic pneumonitis",
    ),
    ("radiation-pneumonitis", "radiation pneumonitis"),
    ("copd", "chronic obstructive pulmonary disease|copd"),
    ("asthma", "asthma"),
    ("lung-disease", "lung disease|pulmonary disease|respiratory disease"),
    ("heart-failure", "congestive heart failure|heart failure|chf|cardiac failure|cardiac insufficiency"),
    ("cardiomyopathy", "cardiomyopathy|cardiomyopathies"),
    ("arrhythmia", "arrhythmia|cardiac arrhythmia|cardiac arrhythmias|heart arrhythmia|cardiac dysrhythmia"),
    (
        "ventricular-arrhythmia",
        "ventricular arrhythmia|ventricular tachycardia|ventricular fibrillation|ventricular arrhythmias",
    ),
    ("atrial-fibrillation", "atrial fibrillation"),
    (
        "heart-block",
        "heart block|atrioventricular block|second degree heart block|third degree heart block|complete heart block",
    ),
    (
        "myocardial-infarction",
        "myocardial infarction|mi|heart attack|acute myocardial infarction|myocardial infarct",
    ),
    ("unstable-angina", "unstable angina|angina pectoris|angina|unstable angina pectoris"),
    ("acute-coronary-syndrome", "acute coronary syndrome|acute coronary syndromes"),
    (
        "coronary-artery-disease",
        "coronary artery disease|ischemic heart disease|coronary heart disease|myocardial ischemia",
    ),
    ("peripheral-vascular-disease", "peripheral vascular disease|peripheral arterial disease"),
    (
        "arterial-disease",
        "arterial thromboembolism|arterial thromboembolic event|arterial thrombosis|arterial thrombotic event|arterial thromboembolic events",
    ),
    ("stroke", "stroke|cerebrovascular accident|cva|cerebral vascular accident|cerebral infarction"),
    (
        "transient-ischaemic-attack",
        "transient ischemic attack|tia|transient ischaemic attack|transient ischemic attacks",
    ),
    (
        "cardiovascular-disease",
        "cardiovascular disease|cardiac disease|heart disease|cardiovascular disorder|cardiac condition|cardiovascular condition|cardiovascular illness",
    ),
    ("myocarditis", "myocarditis"),
    ("pericarditis", "pericarditis"),
    ("pericardial-effusion", "pericardial effusion"),
    ("hypertension", "hypertension|arterial hypertension|high blood pressure|systemic hypertension"),
    ("pulmonary-hypertension", "pulmonary hypertension|pulmonary arterial hypertension"),
    (
        "venous-thromboembolism",
        "venous thromboembolism|deep vein thrombosis|dvt|deep venous thrombosis|venous thrombosis|venous thromboembolic event|venous thromboembolic events|vte",
    ),
    ("pulmonary-embolism", "pulmonary embolism|pe|pulmonary embolus|pulmonary thromboembolism"),
    (
        "thromboembolism",
        "thromboembolic event|thromboembolism|thrombosis|thromboembolic disease|thrombotic event|thromboembolic events|thrombotic disorder",
    ),
    ("long-qt-syndrome", "long qt syndrome|congenital long qt syndrome|prolonged qt syndrome"),
    ("torsades-de-pointes", "torsades de pointes|torsade de pointes"),
    (
        "bleeding",
        "bleeding|hemorrhage|active bleeding|haemorrhage|hemoptysis|major bleeding|hemorrhagic event|bleeding event",
    ),
    (
        "gastrointestinal-bleeding",
        "gastrointestinal bleeding|gi bleeding|gastrointestinal hemorrhage|gi hemorrhage",
    ),
    (
        "intracranial-haemorrhage",
        "intracranial hemorrhage|cerebral hemorrhage|intracranial bleeding|cns hemorrhage|intracerebral hemorrhage|brain hemorrhage",
    ),
    (
        "coagulopathy",
        "bleeding diathesis|coagulopathy|bleeding disorder|coagulation disorder|hemorrhagic diathesis|coagulopathies|bleeding diathesis or coagulopathy|hemophilia|haemorrhagic diathesis",
    ),
    (
        "gastrointestinal-perforation",
        "gastrointestinal perforation|gi perforation|bowel perforation|intestinal perforation",
    ),
    (
        "fistula",
        "fistula|abdominal fistula|gastrointestinal fistula|tracheoesophageal fistula|tracheo esophageal fistula",
    ),
    ("abscess", "intra abdominal abscess|intraabdominal abscess"),
    (
        "bowel-obstruction",
        "bowel obstruction|intestinal obstruction|gastrointestinal obstruction|ileus|gi obstruction|small bowel obstruction",
    ),
    ("malabsorption", "malabsorption syndrome|malabsorption|malabsorption disorder"),
    (
        "inflammatory-bowel-disease",
        "inflammatory bowel disease|crohn s disease|crohn disease|ulcerative colitis|ibd|crohns disease|crohn|crohn s",
    ),
    ("diverticulitis", "diverticulitis"),
    (
        "peptic-ulcer",
        "peptic ulcer|peptic ulcer disease|gastric ulcer|gastrointestinal ulcer|duodenal ulcer|gastrointestinal ulceration|peptic ulceration",
    ),
    ("pancreatitis", "pancreatitis|acute pancreatitis|chronic pancreatitis"),
    ("cirrhosis", "cirrhosis|liver cirrhosis|hepatic cirrhosis"),
    ("liver-disease", "liver disease|hepatic disease|chronic liver disease"),
    ("hepatic-encephalopathy", "hepatic encephalopathy"),
    (
        "gilbert-syndrome",
        "gilbert s syndrome|gilbert syndrome|gilbert s disease|gilbert disease|gilberts syndrome|gilbert s|gilbert|gilberts disease",
    ),
    ("ascites", "ascites"),
    ("pleural-effusion", "pleural effusion|pleural effusions"),
    ("dialysis", "dialysis|hemodialysis|end stage renal disease"),
    ("kidney-disease", "renal disease|kidney disease|renal failure|kidney failure"),
    ("nephrotic-syndrome", "nephrotic syndrome"),
    (
        "diabetes",
        "diabetes|diabetes mellitus|type 2 diabetes|type 1 diabetes|type 1 diabetes mellitus|type ii diabetes|type 2 diabetes mellitus",
    ),
    ("adrenal-insufficiency", "adrenal insufficiency"),
    ("hypercalcaemia", "hypercalcemia"),
    ("seizure", "seizure|epilepsy|seizure disorder|seizures|epileptic seizure|convulsion"),
    (
        "peripheral-neuropathy",
        "peripheral neuropathy|peripheral sensory neuropathy|sensory neuropathy|motor neuropathy|neuropathy|polyneuropathy|sensory peripheral neuropathy",
    ),
    ("spinal-cord-compression", "spinal cord compression|cord compression"),
    ("dementia", "dementia|alzheimer s disease"),
    (
        "psychiatric-disorder",
        "psychiatric illness|psychiatric disorder|psychiatric disease|mental illness|psychosis|psychiatric condition|psychiatric disorders|mental disorder|psychiatric illnesses",
    ),
    (
        "substance-abuse",
        "substance abuse|drug abuse|alcohol abuse|drug or alcohol abuse|alcohol or drug abuse|substance use disorder|drug or substance abuse|substance abuse disorder|alcoholism|alcohol or substance abuse|drug addiction|illicit drug use|substance abuse disorders",
    ),
    (
        "non-healing-wound",
        "non healing wound|nonhealing wound|wound non healing|serious non healing wound|unhealed wound|non healing ulcer",
    ),
    ("bone-fracture", "bone fracture|unhealed fracture"),
    ("osteonecrosis-of-jaw", "osteonecrosis of the jaw"),
    ("tumour-lysis-syndrome", "tumor lysis syndrome"),
    ("hearing-loss", "hearing loss|hearing impairment"),
    ("glaucoma", "glaucoma"),
    ("retinal-vein-occlusion", "retinal vein occlusion|rvo"),
    ("central-serous-retinopathy", "central serous retinopathy"),
    ("keratitis", "keratitis|ulcerative keratitis"),
    ("g6pd-deficiency", "g6pd deficiency|glucose 6 phosphate dehydrogenase deficiency"),
    (
        "dpd-deficiency",
        "dpd deficiency|dihydropyrimidine dehydrogenase deficiency|dihydropyrimidine dehydrogenase dpd deficiency",
    ),
    (
        "graft-versus-host-disease",
        "graft versus host disease|gvhd|graft vs host disease|acute gvhd|chronic gvhd|graft versus host disease gvhd",
    ),
    ("progressive-multifocal-leukoencephalopathy", "progressive multifocal leukoencephalopathy"),
    ("hemolytic-anaemia", "hemolytic anemia|autoimmune hemolytic anemia"),
    ("porphyria", "porphyria"),
    ("myasthenia-gravis", "myasthenia gravis"),
    ("lupus", "systemic lupus erythematosus|lupus"),
    ("rheumatoid-arthritis", "rheumatoid arthritis"),
    ("multiple-sclerosis", "multiple sclerosis"),
    ("guillain-barre-syndrome", "guillain barre syndrome"),
    ("vasculitis", "vasculitis"),
    ("sarcoidosis", "sarcoidosis"),
    ("psoriasis", "psoriasis"),
    ("superior-vena-cava-syndrome", "superior vena cava syndrome"),
    ("aortic-aneurysm", "aortic aneurysm|abdominal aortic aneurysm|aortic dissection"),
    ("hypertensive-crisis", "hypertensive crisis|hypertensive encephalopathy"),
    ("valvular-heart-disease", "valvular heart disease|valvular disease"),
    ("gastroparesis", "gastroparesis"),
];

/// Key of the site whose metastases they are.
pub(crate) const METASTASES: &[(&str, &str)] = &[
    (
        "brain",
        "brain metastasis|brain metastase|cns metastasis|cns metastase|central nervous system metastasis|central nervous system metastase|cerebral metastase|brain or cns metastase|metastatic brain disease|brain disease|metastases to the brain|cns disease|cns involvement|brain metastatic disease|intracranial metastase|metastase to the brain|metastatic cns disease|metastasis to the brain|brain mets|cns metastatic disease|central nervous system involvement|central nervous system disease|intracranial disease|metastase to the central nervous system|brain or central nervous system metastase|brain lesion|metastatic disease to the brain|brain involvement|cns lesion|metastatic brain lesion|metastatic disease to the central nervous system|cerebral metastasis|brain metastatic lesion|metastases in the brain|metastase to the cns|parenchymal brain metastase",
    ),
    (
        "leptomeningeal",
        "lmd|leptomeningeal disease|leptomeningeal metastasis|leptomeningeal metastase|carcinomatous meningitis|leptomeningeal carcinomatosis|leptomeningeal involvement|meningeal carcinomatosis|meningeal metastase|leptomeningeal spread|leptomeningeal|lymphomatous meningitis|meningeal involvement|meningeal disease|neoplastic meningitis|leptomeningeal tumor|carcinomatous meningiti",
    ),
    (
        "liver",
        "liver metastasis|liver metastase|hepatic metastasis|hepatic metastase|liver involvement|hepatic involvement|metastatic liver disease|metastase to the liver|liver mets|metastatic disease to the liver|metastatic disease in the liver|metastasis to the liver|liver tumor involvement|tumor involvement of the liver|metastatic disease of the liver|liver or bone metastase|hepatic metastatic disease|hepatic disease involvement|malignancy in the liver|known liver metastase",
    ),
    (
        "bone",
        "bone metastasis|bone metastase|bone involvement|bony metastase|metastase to the bone|osseous metastase|skeletal metastase|metastatic bone disease|metastasis to the bone|bone lesion",
    ),
    ("lung", "lung metastasis|lung metastase|pulmonary metastase|pulmonary metastasis"),
    ("visceral", "visceral metastase|visceral disease|visceral metastasis|visceral crisis"),
    (
        "any",
        "distant metastasis|distant metastase|metastasis|metastase|distant metastatic disease|distant disease",
    ),
];

/// Treatments that are no name of the drug tables.
pub(crate) const TREATMENTS: &[(T, &str)] = &[
    (
        T::Systemic,
        "systemic therapy|systemic treatment|systemic anticancer therapy|anticancer therapy|anti cancer therapy|anticancer treatment|systemic anti cancer therapy|anti cancer treatment|antineoplastic therapy|systemic anticancer treatment|anti neoplastic therapy|systemic antineoplastic therapy|antineoplastic treatment|anti tumor therapy|antitumor therapy|systemic anti cancer treatment|antineoplastic agent|anticancer agent|anti cancer agent|cancer therapy|anti tumor treatment|antitumor treatment|anticancer drug|systemic cancer therapy|cancer treatment|anti cancer drug|systemic anti tumor therapy|antineoplastic drug|anticancer medication|systemic antitumor therapy|cancer directed therapy",
    ),
    (
        T::Class("chemotherapy"),
        "chemotherapy|cytotoxic chemotherapy|systemic chemotherapy|cytotoxic therapy|chemotherapeutic agent|cytotoxic agent|cytotoxic drug|chemotherapeutic drug|combination chemotherapy|chemotherapy regimen|chemotherapeutic|chemotherapies|systemic cytotoxic chemotherapy|cytotoxic anticancer therapy",
    ),
    (T::Class("immunotherapy"), "immunotherapy|immunotherapies|cancer immunotherapy|immunotherapeutic agent"),
    (
        T::Class("checkpoint-inhibitor"),
        "immune checkpoint inhibitor|checkpoint inhibitor|immune checkpoint inhibitor therapy|ici|checkpoint inhibitor therapy|immune checkpoint blockade|immune checkpoint therapy|immune checkpoint inhibition",
    ),
    (
        T::Class("anti-pd-1"),
        "anti pd 1|anti pd1|pd 1 inhibitor|pd1 inhibitor|anti pd 1 therapy|anti pd 1 antibody|pd 1 antibody|anti programmed death 1|anti programmed cell death 1|pd 1 blockade|anti pd 1 agent|anti pd 1 monoclonal antibody",
    ),
    (
        T::Class("anti-pd-l1"),
        "anti pd l1|anti pdl1|pd l1 inhibitor|anti pd l1 therapy|anti pd l1 antibody|anti programmed death ligand 1|pd l1 antibody|anti pd l1 agent|pdl1 inhibitor",
    ),
    (
        T::Class("anti-ctla-4"),
        "anti ctla 4|anti ctla4|ctla 4 inhibitor|ctla 4 antibody|anti ctla 4 antibody|ctla4 inhibitor|anti ctla 4 therapy",
    ),
    (
        T::Class("targeted-therapy"),
        "targeted therapy|targeted agent|targeted treatment|molecularly targeted therapy|targeted therapies|molecular targeted therapy|targeted small molecule therapy|small molecule targeted therapy",
    ),
    (
        T::Class("endocrine"),
        "hormonal therapy|hormone therapy|endocrine therapy|hormonal treatment|endocrine treatment|antihormonal therapy|hormonal anticancer therapy|hormonal therapies|anti hormonal therapy|endocrine based therapy",
    ),
    (
        T::Class("platinum"),
        "platinum based chemotherapy|platinum based therapy|platinum containing chemotherapy|platinum|platinum based regimen|platinum chemotherapy|platinum containing regimen|platinum containing therapy|platinum based treatment|platinum doublet chemotherapy|platinum based doublet chemotherapy|platinum agent|platinum based doublet|platinum based combination chemotherapy|platinum based doublet therapy|platinum compound",
    ),
    (T::Class("taxane"), "taxane|taxane based chemotherapy|taxane chemotherapy"),
    (T::Class("anthracycline"), "anthracycline|anthracyclines|anthracycline based chemotherapy"),
    (T::Class("fluoropyrimidine"), "fluoropyrimidine|fluoropyrimidine based chemotherapy"),
    (
        T::Class("kinase-inhibitor"),
        "tyrosine kinase inhibitor|tki|tyrosine kinase inhibitor therapy|kinase inhibitor",
    ),
    (T::Class("egfr-tki"), "egfr tki|egfr tyrosine kinase inhibitor|egfr inhibitor tki|egfr tki therapy"),
    (T::Class("anti-egfr"), "egfr inhibitor|anti egfr therapy|anti egfr|egfr targeted therapy"),
    (T::Class("anti-egfr-antibody"), "anti egfr antibody|anti egfr monoclonal antibody|egfr antibody"),
    (
        T::Class("anti-her2"),
        "anti her2 therapy|her2 targeted therapy|anti her2|her2 directed therapy|anti her2 directed therapy|anti her2 based therapy|her2 targeted agent|anti her2 agent|anti her2 treatment",
    ),
    (
        T::Class("cdk4-6-inhibitor"),
        "cdk4 6 inhibitor|cdk 4 6 inhibitor|cdk4 6i|cdk4 inhibitor|cyclin dependent kinase 4 6 inhibitor|cdk4 6 inhibitor therapy",
    ),
    (
        T::Class("parp-inhibitor"),
        "parp inhibitor|parpi|poly adp ribose polymerase inhibitor|parp inhibitor therapy",
    ),
    (T::Class("bcl2-inhibitor"), "bcl 2 inhibitor|bcl2 inhibitor"),
    (T::Class("btk-inhibitor"), "btk inhibitor|bruton s tyrosine kinase inhibitor|btki"),
    (T::Class("proteasome-inhibitor"), "proteasome inhibitor"),
    (T::Class("imid"), "immunomodulatory drug|imid|immunomodulatory agent"),
    (T::Class("anti-cd38"), "anti cd38 antibody|anti cd38 monoclonal antibody|anti cd38"),
    (T::Class("anti-cd20"), "anti cd20 antibody|anti cd20 monoclonal antibody|anti cd20|anti cd20 therapy"),
    (T::Class("antibody-drug-conjugate"), "antibody drug conjugate|adc|antibody drug conjugates"),
    (
        T::Class("bispecific-t-cell-engager"),
        "bispecific antibody|bispecific t cell engager|t cell engager|t cell engaging bispecific antibody",
    ),
    (T::Class("aromatase-inhibitor"), "aromatase inhibitor"),
    (T::Class("androgen-deprivation"), "androgen deprivation therapy|adt"),
    (T::Class("bone-modifying-agent"), "bone modifying agent"),
    (T::Class("bisphosphonate"), "bisphosphonate"),
    (
        T::Class("strong-cyp3a4-inhibitor"),
        "strong cyp3a4 inhibitor|strong cyp3a inhibitor|strong inhibitor of cyp3a4|strong inhibitor of cyp3a|potent cyp3a4 inhibitor|strong cytochrome p450 3a4 inhibitor|potent inhibitor of cyp3a4|strong inhibitors of cyp3a4|strong inhibitors of cyp3a|potent cyp3a inhibitor|strong inhibitors of cytochrome p450 3a4|strong inhibitor of cytochrome p450 3a4",
    ),
    (
        T::Class("strong-cyp3a4-inducer"),
        "strong cyp3a4 inducer|strong cyp3a inducer|strong inducer of cyp3a4|strong inducer of cyp3a|potent cyp3a4 inducer|potent inducer of cyp3a4|strong inducers of cyp3a4|strong inducers of cyp3a|potent cyp3a inducer",
    ),
    (
        T::Classes("strong-cyp3a4-inhibitor", "strong-cyp3a4-inducer"),
        "strong inhibitors or inducers of cyp3a4|strong inhibitor or inducer of cyp3a4|strong cyp3a4 inhibitors or inducers|strong cyp3a4 inhibitor or inducer|strong cyp3a inhibitors or inducers|strong inhibitors or inducers of cyp3a|strong cyp3a4 inhibitors and inducers|strong inhibitors and inducers of cyp3a4|strong inducers or inhibitors of cyp3a4|strong cyp3a4 inducers or inhibitors|strong inhibitors or strong inducers of cyp3a4|strong cyp3a inhibitors and inducers|strong inhibitor and inducer of cyp3a4",
    ),
    (
        T::Classes("cyp3a4-inhibitor", "cyp3a4-inducer"),
        "inhibitors or inducers of cyp3a4|cyp3a4 inhibitors or inducers|cyp3a4 inhibitors and inducers",
    ),
    (
        T::Class("moderate-cyp3a4-inhibitor"),
        "moderate cyp3a4 inhibitor|moderate cyp3a inhibitor|moderate inhibitor of cyp3a4",
    ),
    (
        T::Class("moderate-cyp3a4-inducer"),
        "moderate cyp3a4 inducer|moderate cyp3a inducer|moderate inducer of cyp3a4",
    ),
    (
        T::Class("cyp3a4-inhibitor"),
        "cyp3a4 inhibitor|cyp3a inhibitor|inhibitor of cyp3a4|inhibitors of cyp3a4",
    ),
    (T::Class("cyp3a4-inducer"), "cyp3a4 inducer|cyp3a inducer|inducer of cyp3a4|inducers of cyp3a4"),
    (
        T::Class("qt-prolonging"),
        "medications that prolong the qt qtc interval|medications known to prolong the qt qtc interval|drugs that prolong the qt qtc interval|medication that prolongs the qt interval|medication that prolong the qt interval|concomitant medications that prolong the qt interval|drugs known to prolong the qt interval|drug known to prolong qt interval|medication known to prolong the qt interval|qt prolonging drug|qt prolonging medication|drugs that prolong the qt interval|medications that prolong the qt interval|drugs known to prolong qt|medication known to prolong qt interval",
    ),
    (T::Class("proton-pump-inhibitor"), "proton pump inhibitor|ppi|proton pump inhibitors"),
    (
        T::Class("systemic-corticosteroid"),
        "systemic corticosteroid|systemic steroid|corticosteroid|steroid|systemic steroids|systemic corticosteroids|glucocorticoid|systemic glucocorticoid|systemic steroid therapy|corticosteroid therapy|steroid therapy|systemic corticosteroid therapy|systemic steroid treatment",
    ),
    (
        T::Class("immunosuppressant"),
        "immunosuppressive medication|immunosuppressive therapy|immunosuppressant|immunosuppressive drug|immunosuppressive agent|immunosuppressive treatment|systemic immunosuppressive medication|systemic immunosuppressive therapy|systemic immunosuppressant",
    ),
    (
        T::Class("anticoagulant"),
        "anticoagulant|anticoagulation|anticoagulation therapy|therapeutic anticoagulation|anticoagulant therapy|full dose anticoagulation",
    ),
    (T::Class("vitamin-k-antagonist"), "vitamin k antagonist|coumarin derivative"),
    (T::Class("antiepileptic"), "antiepileptic|anticonvulsant|antiepileptic drug"),
    (
        T::Class("enzyme-inducing-antiepileptic"),
        "enzyme inducing antiepileptic drug|enzyme inducing anti epileptic drug|enzyme inducing anticonvulsant|eiaed",
    ),
    (T::Class("antibacterial"), "antibiotic|antibiotic therapy"),
    (T::Class("nsaid"), "nsaid|non steroidal anti inflammatory drug|nonsteroidal anti inflammatory drug"),
    (T::Class("cancer-vaccine"), "cancer vaccine|tumor vaccine"),
    (T::Class("interferon"), "interferon"),
    (T::Class("radioligand"), "radiopharmaceutical|radiopharmaceutical therapy|radioligand therapy"),
    (T::Class("topoisomerase-1-inhibitor"), "topoisomerase i inhibitor|topoisomerase 1 inhibitor"),
    (T::Class("mtor-inhibitor"), "mtor inhibitor"),
    (T::Class("pi3k-inhibitor"), "pi3k inhibitor"),
    (T::Class("akt-inhibitor"), "akt inhibitor"),
    (T::Class("mek-inhibitor"), "mek inhibitor"),
    (T::Class("braf-inhibitor"), "braf inhibitor"),
    (T::Class("alk-inhibitor"), "alk inhibitor"),
    (T::Class("kras-g12c-inhibitor"), "kras g12c inhibitor"),
    (T::Class("fgfr-inhibitor"), "fgfr inhibitor"),
    (T::Class("hdac-inhibitor"), "hdac inhibitor|histone deacetylase inhibitor"),
    (T::Class("hypomethylating-agent"), "hypomethylating agent|hma"),
    (T::Class("serd"), "selective estrogen receptor degrader|serd"),
    (
        T::Investigational,
        "investigational agent|investigational drug|study drug from a previous clinical study|study drug from previous clinical study|investigational therapy|investigational treatment|investigational product of another trial|experimental therapy|experimental drug|experimental treatment|investigational device|experimental agent|investigational agents|another investigational agent|other investigational agent|any other investigational agent|other investigational drug|any investigational agent|another investigational drug|another investigational product|other investigational product|investigational anticancer therapy|investigational anti cancer therapy|any investigational drug|any investigational product|investigational medication|other investigational therapy|investigational medicinal product|any other investigational drug|investigational anticancer agent|other experimental therapy|any investigational therapy|investigational compound|investigational anti cancer agent|investigational drug therapy|unapproved drug|investigational study drug|non approved drug",
    ),
    (
        T::Radiotherapy(None),
        "radiotherapy|radiation therapy|radiation|radiation treatment|irradiation|external beam radiotherapy|external beam radiation therapy|xrt|radiotherapies|palliative radiotherapy|palliative radiation|palliative radiation therapy|therapeutic radiation|definitive radiotherapy|external beam radiation|ionizing radiation therapy",
    ),
    (
        T::Radiotherapy(Some("brain")),
        "whole brain radiotherapy|whole brain radiation therapy|whole brain radiation|wbrt|cranial irradiation|brain radiotherapy|cranial radiotherapy|stereotactic radiosurgery|radiotherapy to the brain|radiation to the brain|cranial radiation|cns radiation|brain irradiation|brain radiation",
    ),
    (
        T::Radiotherapy(Some("thorax")),
        "thoracic radiotherapy|thoracic radiation|thoracic radiation therapy|radiotherapy to the lung|radiation to the lung|chest radiotherapy|radiation therapy to the lung|lung radiation|chest radiation|thoracic irradiation",
    ),
    (
        T::Radiotherapy(Some("pelvis")),
        "pelvic radiotherapy|pelvic radiation|pelvic irradiation|radiotherapy to the pelvis|pelvic radiation therapy",
    ),
    (
        T::Radiotherapy(Some("head-and-neck")),
        "radiotherapy to the head and neck|head and neck radiation|radiation to the head and neck",
    ),
    (
        T::MajorSurgery,
        "major surgery|major surgical procedure|major operation|major surgical intervention|major surgeries|major surgical procedures",
    ),
    (
        T::TumourSurgery,
        "surgical resection|tumor resection|resection of the primary tumor|surgery for the primary tumor|curative resection|cytoreductive surgery|debulking surgery",
    ),
    (
        T::Transplant(Some("allogeneic")),
        "allogeneic stem cell transplant|allogeneic stem cell transplantation|allogeneic transplant|allogeneic hematopoietic stem cell transplantation|allogeneic hematopoietic stem cell transplant|allogeneic transplantation|allogeneic bone marrow transplant|allogeneic bone marrow transplantation|allogeneic hsct|allogeneic sct|allo hsct|allogeneic hematopoietic cell transplantation|allogeneic hematopoietic cell transplant|allogeneic tissue transplant|allogenic stem cell transplantation|allogeneic stem cell or bone marrow transplant",
    ),
    (
        T::Transplant(Some("autologous")),
        "autologous stem cell transplant|autologous stem cell transplantation|autologous transplant|asct|autologous transplantation|autologous hematopoietic stem cell transplantation|autologous hematopoietic stem cell transplant|autologous bone marrow transplant|autologous sct|autologous bone marrow transplantation",
    ),
    (
        T::Transplant(Some("organ")),
        "solid organ transplant|organ transplant|solid organ transplantation|organ transplantation|allogeneic organ transplant|organ allograft|allogeneic solid organ transplant|organ allografts|liver transplant|liver transplantation|kidney transplant|solid organ transplants",
    ),
    (
        T::Transplant(None),
        "stem cell transplant|stem cell transplantation|bone marrow transplant|bone marrow transplantation|hematopoietic stem cell transplantation|hematopoietic stem cell transplant|hsct",
    ),
    (
        T::CellTherapy,
        "car t|car t cell therapy|car t therapy|chimeric antigen receptor t cell therapy|cellular therapy|car t cell|cell therapy|adoptive cell therapy|car t cells|chimeric antigen receptor t cell|adoptive t cell therapy|chimeric antigen receptor t cells",
    ),
    (
        T::LiveVaccine,
        "live vaccine|live attenuated vaccine|live virus vaccine|live attenuated vaccination|live vaccination|attenuated vaccine|live vaccines|live or live attenuated vaccine|live or attenuated vaccine|live attenuated vaccines|live viral vaccine|live virus vaccines|live vaccine therapy|live attenuated virus vaccine",
    ),
    (
        T::Transfusion,
        "transfusion|blood transfusion|platelet transfusion|red blood cell transfusion|rbc transfusion|transfusion support|red cell transfusion|transfusions",
    ),
    (
        T::GrowthFactor,
        "growth factor|growth factor support|hematopoietic growth factor|g csf|gm csf|granulocyte colony stimulating factor|colony stimulating factor|myeloid growth factor|hematopoietic growth factors|growth factors|erythropoietin|colony stimulating factors|growth factor use|hematopoietic growth factor support",
    ),
];

/// (key of the analyte, phrases).
pub(crate) const ANALYTES: &[(&str, &str)] = &[
    (
        "neutrophils",
        "absolute neutrophil count|anc|neutrophil|neutrophil count|absolute neutrophils|granulocyte|absolute granulocyte count|granulocyte count|agc|absolute neutrophil|neutrophil granulocyte|peripheral absolute neutrophil count|absolute granulocyte",
    ),
    (
        "platelets",
        "platelet|platelet count|plt|thrombocyte|thrombocyte count|blood platelet|blood platelet count",
    ),
    ("haemoglobin", "hemoglobin|hgb|hb|haemoglobin|hemoglobin level|hemoglobin concentration"),
    (
        "wbc",
        "wbc|white blood cell|white blood cell count|leukocyte|leukocyte count|wbc count|white blood count|white cell count|total wbc|leucocyte",
    ),
    ("lymphocytes", "absolute lymphocyte count|lymphocyte|lymphocyte count|alc"),
    ("cd4-count", "cd4 count|cd4+ t cell count|cd4 t cell count|cd4+ count|cd4 cell count"),
    (
        "bilirubin",
        "total bilirubin|bilirubin|serum bilirubin|serum total bilirubin|tbil|total serum bilirubin|bilirubin level|tbili",
    ),
    ("direct-bilirubin", "direct bilirubin|conjugated bilirubin"),
    (
        "ast",
        "ast|sgot|aspartate aminotransferase|aspartate transaminase|ast sgot|serum glutamic oxaloacetic transaminase|asat|aspartate amino transferase|got|aspartate aminotransaminase|serum aspartate aminotransferase",
    ),
    (
        "alt",
        "alt|sgpt|alanine aminotransferase|alanine transaminase|alt sgpt|serum glutamic pyruvic transaminase|alat|alanine amino transferase|gpt|alanine aminotransaminase|serum alanine aminotransferase|serum glutamate pyruvate transaminase",
    ),
    (
        "ast+alt",
        "transaminase|aminotransferase|hepatic transaminase|liver transaminase|serum transaminase|liver enzyme|sgot sgpt|ast alt|alt ast|ast alt",
    ),
    ("alp", "alkaline phosphatase|alp|alk phos|alkaline phosphatase level"),
    ("ggt", "gamma glutamyl transferase|ggt"),
    ("albumin", "albumin|serum albumin"),
    ("creatinine", "creatinine|serum creatinine|cr|scr|serum creatinine level|plasma creatinine"),
    (
        "creatinine-clearance",
        "creatinine clearance|crcl|creatinine clearance rate|calculated creatinine clearance|estimated creatinine clearance|measured creatinine clearance|ccr|cockcroft gault creatinine clearance|clcr|measured or calculated creatinine clearance|calculated or measured creatinine clearance|creatinine clearance crcl|estimated crcl",
    ),
    (
        "egfr",
        "estimated glomerular filtration rate|egfr rate|glomerular filtration rate|gfr|estimated gfr|glomerular filtration|estimated glomerular filtration",
    ),
    ("urea", "bun|blood urea nitrogen|urea"),
    ("inr", "inr|international normalized ratio|international normalised ratio"),
    ("pt", "prothrombin time|pt"),
    (
        "aptt",
        "aptt|activated partial thromboplastin time|ptt|partial thromboplastin time|partial prothrombin time",
    ),
    ("fibrinogen", "fibrinogen"),
    (
        "lvef",
        "lvef|left ventricular ejection fraction|ejection fraction|cardiac ejection fraction|left ventricle ejection fraction",
    ),
    (
        "qtc",
        "qtc|qtc interval|corrected qt interval|corrected qt|qt interval corrected|mean qtc|qt interval|resting qtc|mean resting corrected qt interval|baseline qtc|average qtc",
    ),
    (
        "qtcf",
        "qtcf|qtcf interval|qt interval corrected by fridericia|qtc by fridericia|qtc fridericia|fridericia corrected qt interval|mean qtcf|corrected qt interval by fridericia|qt interval corrected for heart rate using fridericia|qtcf value|qt corrected by fridericia|corrected qt interval by fridericia s formula",
    ),
    ("qtcb", "qtcb|qtc by bazett|bazett corrected qt interval"),
    ("heart-rate", "heart rate|resting heart rate|pulse rate"),
    ("systolic-blood-pressure", "systolic blood pressure|sbp|systolic bp|systolic pressure"),
    ("diastolic-blood-pressure", "diastolic blood pressure|dbp|diastolic bp|diastolic pressure"),
    (
        "oxygen-saturation",
        "oxygen saturation|spo2|o2 saturation|pulse oximetry|oxygen saturation on room air",
    ),
    ("fev1", "fev1|forced expiratory volume"),
    ("dlco", "dlco|diffusing capacity"),
    ("potassium", "potassium|serum potassium"),
    ("magnesium", "magnesium|serum magnesium"),
    ("sodium", "sodium|serum sodium"),
    ("calcium", "calcium|serum calcium|corrected calcium|corrected serum calcium|albumin corrected calcium"),
    ("phosphate", "phosphate|phosphorus|serum phosphate|serum phosphorus"),
    (
        "glucose",
        "fasting glucose|glucose|fasting blood glucose|fasting plasma glucose|blood glucose|fasting serum glucose",
    ),
    ("hba1c", "hba1c|hemoglobin a1c|glycosylated hemoglobin|glycated hemoglobin|hgba1c|hb a1c"),
    ("ldh", "ldh|lactate dehydrogenase|lactic dehydrogenase"),
    ("lipase", "lipase|serum lipase"),
    ("amylase", "amylase|serum amylase"),
    ("ck", "creatine kinase|cpk|creatine phosphokinase|ck"),
    ("uric-acid", "uric acid"),
    ("triglycerides", "triglyceride"),
    ("cholesterol", "cholesterol|total cholesterol"),
    ("testosterone", "testosterone|serum testosterone|testosterone level|total testosterone"),
    ("psa", "psa|prostate specific antigen|serum psa"),
    ("afp", "afp|alpha fetoprotein|serum afp"),
    ("ca-125", "ca 125|ca125"),
    ("troponin", "troponin|troponin i|troponin t"),
    ("urine-protein", "proteinuria|urine protein|24 hour urine protein|urinary protein"),
    ("weight", "body weight|weight"),
    ("bmi", "bmi|body mass index"),
    ("blasts", "bone marrow blast|blast|blasts|marrow blast"),
    ("temperature", "body temperature|temperature"),
    ("ferritin", "ferritin"),
];

/// What a person must see or decide: a clause that holds one of these and is not understood otherwise is theirs.
pub(crate) const JUDGED: &[(J, &str)] = &[
    (
        J::Consent,
        "informed consent|written consent|consent form|sign consent|willing|willingness|able to comply|ability to comply|unable to comply|inability to comply|compliance|comply with|adhere to|unwilling|cooperate|ability to understand|able to understand|capable of understanding|capable of giving|provide consent|legally authorized representative|legal guardian|assent|give consent|understand and sign|consent document|unable to give consent|noncompliance|non compliance|unwillingness|agree to participate|adherence|signed icf|follow up visit|study procedure|protocol requirement|study requirement|consent",
    ),
    (
        J::Contraception,
        "contraception|contraceptive|birth control|abstinence|abstinent|effective method of|barrier method|donate sperm|sperm donation|donate egg|condom|fathering|father a child|become pregnant|surgically sterile|sterilization|sterile|postmenopausal or|plan to become pregnant|plan to conceive|conceive|vasectomy|contraceptives",
    ),
    (
        J::LifeExpectancy,
        "life expectancy|expected survival|estimated survival|anticipated survival|survival expectation|expected to live|predicted survival|anticipated life expectancy|estimated life expectancy|expected lifespan",
    ),
    (
        J::InvestigatorOpinion,
        "opinion of the investigator|investigator s opinion|judgment of the investigator|investigator s judgment|investigator judgment|investigator s judgement|judgement of the investigator|opinion of the treating|discretion of the investigator|investigator s discretion|investigator discretion|in the opinion of|in the judgment of|in the judgement of|as judged by|deemed by the investigator|considered by the investigator|as determined by the investigator|investigator s assessment|investigator believe|investigator consider|investigator deem|treating physician|treating investigator|principal investigator|per investigator|would make the patient inappropriate|would make the subject inappropriate|unsuitable for|not suitable|interfere with|jeopardize|compromise the|put the patient at|confound|unacceptable risk|opinion of investigator|investigator s opinion|judged by the investigator|investigator opinion|according to the investigator|by the investigator|preclude|undue risk|place the patient at|pose a risk|safety risk|investigator feel|limit compliance|not in the best interest|inappropriate candidate|would make participation|make the patient unsuitable|investigator s clinical judgment|by investigator|investigator or|the investigator",
    ),
    (
        J::OrganFunction,
        "adequate organ function|adequate bone marrow function|adequate hepatic function|adequate renal function|adequate hematologic function|adequate liver function|adequate marrow function|adequate cardiac function|adequate organ and marrow function|adequate hematological function|adequate bone marrow|adequate hematopoietic function|adequate laboratory|adequate kidney function|adequate end organ function|adequate organ|sufficient organ function|acceptable organ function|normal organ function|adequate bone marrow reserve|adequate organ system function|adequate hematologic|adequate coagulation|adequate pulmonary function|adequate function|adequate baseline organ function|adequate cardiovascular function|acceptable laboratory|adequate coagulation function|adequate hepatic|adequate renal",
    ),
    (
        J::Tissue,
        "tissue sample|tumor tissue|tumor sample|archival|biopsy sample|fresh biopsy|paraffin|tumor specimen|amenable to biopsy|biopsy tissue|tissue available|tumor biopsy|pretreatment biopsy|tissue specimen|paraffin embedded|ffpe|fresh tumor|undergo biopsy|willing to undergo|biopsy specimen|on treatment biopsy|tissue block|core biopsy|unstained slide|tumor material|available tissue|accessible for biopsy|biopsiable",
    ),
    (
        J::Ability,
        "able to swallow|ability to swallow|inability to swallow|unable to swallow|swallow oral|difficulty swallowing|swallowing|oral intake|venous access|lie flat|able to take oral|unable to take oral|able to tolerate oral|inability to take oral|claustrophobia|undergo mri|able to receive|able to undergo|retain oral|capable of swallowing|unable to undergo|english speaking|able to read|able to speak|speak english|candidate for surgery|able to complete|contraindication to mri|contraindications to mri|mri contraindication|read and write|speak and understand",
    ),
    (
        J::Toxicity,
        "recovered from|recovery from|resolved to|resolution of|unresolved toxicity|unresolved toxicities|residual toxicity|toxicity from|toxicities from|toxicity related to|not recovered|recover from|recovered to|ctcae|adverse event due to|adverse effect of prior|toxicities related|toxicities of|persistent toxicity|persistent toxicities|toxic effect|side effect|adverse events from|toxicities due to|unresolved acute|have resolved|has resolved|effects of prior|effects of surgery|effects of any prior|nci ctc|nci ctcae|acute effects of",
    ),
    (
        J::StandardExhausted,
        "standard therapy|standard treatment|standard of care|no effective therapy|no curative|curative therapy|curative treatment|available therapy|no available|therapy known to|approved therapy|no standard|exhausted|curative intent|not amenable to|effective therapy|declined standard|ineligible for standard|not eligible for|no alternative|standard chemotherapy exist|satisfactory|potentially curative|known to confer clinical benefit|not a candidate for|not candidate for|ineligible for|eligible for|suitable for|amenable to curative|candidate for|conventional therapy",
    ),
    (
        J::Other,
        "participating in another|participation in another|enrolled in another|concurrent participation|simultaneous participation|enrolled in any other|another clinical trial|another clinical study|other clinical trial|another interventional|institutionalized|prisoner|incarcerated|employee of|deprived of liberty|intercurrent illness|concurrent illness|concomitant illness|medical condition|geographical condition|geographic|sociological|social situation|familial|psychological condition|psychological|medical illness|concurrent medical|concomitant disease|investigational site staff|health insurance|social security|legal protection|guardianship|under tutelage|protected adult|concurrent disease|systemic disease|underlying medical|vulnerable|anticipated|planned|plan to|expected to require|likely to|expected to need|is expected|life threatening illness|uncontrolled medical|medical problem|medical disorder|serious illness|concomitant medical|intercurrent disease|comorbidity|comorbid condition|comorbidities|judicial|administrative decision|wards of the state",
    ),
];

/// Words behind a gene.
pub(crate) const CHANGES: &[(Change, &str)] = &[
    (
        Change::Mutation,
        "mutation|mutated|mutant|mutations|gene mutation|variant|genetic mutation|somatic mutation|point mutation|genomic mutation|mutational|pathogenic variant|pathogenic mutation|hotspot mutation|oncogenic mutation|driver mutation|deleterious mutation|kinase domain mutation",
    ),
    (
        Change::Activating,
        "activating mutation|sensitizing mutation|sensitising mutation|activating|sensitizing|sensitizing egfr mutation|activating mutations|gain of function mutation|activating gene mutation",
    ),
    (
        Change::Rearrangement,
        "rearrangement|rearranged|fusion|translocation|gene rearrangement|gene fusion|translocated|gene fusions|translocations|fusion positive|rearrangements|chromosomal rearrangement|rearrangement positive|translocation positive",
    ),
    (Change::Amplification, "amplification|amplified|gene amplification|amplifications|amp"),
    (
        Change::Loss,
        "loss|homozygous deletion|deficient|deficiency|gene loss|deletion|deleted|homozygous loss|homozygously deleted|biallelic loss",
    ),
    (
        Change::Alteration,
        "alteration|aberration|genomic alteration|genetic alteration|gene alteration|genomic aberration|altered|genomic tumor aberration|driver alteration|molecular alteration|driver gene|genetic aberration|genomic tumor alteration|actionable alteration|oncogenic alteration",
    ),
    (Change::Wildtype, "wild type|wildtype|wt|unmutated|non mutated|nonmutated"),
    (
        Change::Overexpression,
        "overexpression|overexpressing|overexpress|over expression|overexpressed|over expressing",
    ),
    (Change::Expression, "expression|expressing|expressed|express"),
];

/// Stains and receptors with a name of their own.
pub(crate) const STAINS: &[(&str, &str)] = &[
    ("er", "er|estrogen receptor|oestrogen receptor"),
    ("pr", "pr|progesterone receptor|pgr"),
    ("hr", "hr|hormone receptor"),
    (
        "her2",
        "her2|her 2|her2 neu|human epidermal growth factor receptor 2|her 2 neu|c erbb2|human epidermal growth factor receptor 2 her2",
    ),
    ("pd-l1", "pd l1|pdl1|programmed death ligand 1|programmed cell death ligand 1"),
    ("ki-67", "ki67|ki 67"),
];

/// Scales of performance.
pub(crate) const SCALES: &[(&str, &str)] = &[
    (
        "ecog",
        "ps|ecog|eastern cooperative oncology group|ecog performance status|ecog ps|who performance status|world health organization performance status|zubrod|who ps|zubrod performance status|performance status|ecog performance score|ecog who|ecog who performance status|ecog zubrod|who ecog|ecog score|eastern cooperative oncology group performance status|eastern cooperative oncology group ecog performance status|ecog performance|eastern cooperative oncology group ps|who ecog performance status|ecog scale|ecog or zubrod|gog performance status|swog performance status|calgb performance status|ecog who ps|who performance score|eastern co operative oncology group|general status|ecog performance scale|eastern cooperative group|eastern cooperative oncology group ecog",
    ),
    (
        "karnofsky",
        "karnofsky|kps|karnofsky performance status|karnofsky performance score|karnofsky performance scale|karnofsky performance status score|karnofsky index|karnofsky score|karnofsky performance|karnofsky scale|karnofsky performance status kps|karnofsky performance index",
    ),
    (
        "lansky",
        "lansky|lansky performance status|lansky performance score|lansky score|lansky play scale|lansky play performance|lansky play score|lps",
    ),
];
