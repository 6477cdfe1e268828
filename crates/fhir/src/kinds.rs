//! Which resource kinds are read, by which extractor, and which are set aside?
//!
//! The one dispatch list. Element names follow FHIR R4 (4.0.1); a `*` marks an element that is a list, a `!` one
//! that is required.

use crate::cx::Cx;
use crate::read;

/// One resource kind that is read.
pub struct Kind {
    /// `resourceType`.
    pub name: &'static str,
    /// Its own elements.
    pub elements: &'static str,
    /// Allowed `status` codes; empty when it has none.
    pub statuses: &'static [&'static str],
    /// Makes the facts.
    pub read: fn(&mut Cx),
}

/// Elements every resource may have.
pub const COMMON: &str = "resourceType id meta implicitRules language text contained* extension* modifierExtension* \
    fhir_comments*";

/// R4, "ObservationStatus", "MedicationRequest Status", …
static OBSERVATION: &[&str] = &[
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
];
static REPORT: &[&str] = &[
    "registered",
    "partial",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "appended",
    "cancelled",
    "entered-in-error",
    "unknown",
];
static REQUEST: &[&str] = &[
    "active",
    "on-hold",
    "cancelled",
    "completed",
    "entered-in-error",
    "stopped",
    "draft",
    "unknown",
    "revoked",
];
static EVENT: &[&str] = &[
    "preparation",
    "in-progress",
    "not-done",
    "on-hold",
    "completed",
    "entered-in-error",
    "stopped",
    "unknown",
    "cancelled",
    "declined",
];
static STATEMENT: &[&str] =
    &["active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"];

/// The dispatch list.
pub static KINDS: &[Kind] = &[
    Kind {
        name: "Patient",
        elements: "identifier* active name* telecom* gender birthDate deceasedBoolean deceasedDateTime address* \
            maritalStatus multipleBirthBoolean multipleBirthInteger photo* contact* communication* \
            generalPractitioner* managingOrganization link*",
        statuses: &[],
        read: read::patient::read,
    },
    Kind {
        name: "Condition",
        elements: "identifier* clinicalStatus verificationStatus category* severity code bodySite* subject! encounter \
            onsetDateTime onsetAge onsetPeriod onsetRange onsetString abatementDateTime abatementAge abatementPeriod \
            abatementRange abatementString recordedDate recorder asserter stage* evidence* note*",
        statuses: &[],
        read: read::condition::read,
    },
    Kind {
        name: "Observation",
        elements: "identifier* basedOn* partOf* status! category* code! subject focus* encounter effectiveDateTime \
            effectivePeriod effectiveTiming effectiveInstant issued performer* valueQuantity valueCodeableConcept \
            valueString valueBoolean valueInteger valueRange valueRatio valueSampledData valueTime valueDateTime \
            valuePeriod dataAbsentReason interpretation* note* bodySite method specimen device referenceRange* \
            hasMember* derivedFrom* component*",
        statuses: OBSERVATION,
        read: read::observation::read,
    },
    Kind {
        name: "DiagnosticReport",
        elements: "identifier* basedOn* status! category* code! subject encounter effectiveDateTime effectivePeriod \
            issued performer* resultsInterpreter* specimen* result* imagingStudy* media* conclusion conclusionCode* \
            presentedForm*",
        statuses: REPORT,
        read: read::document::report,
    },
    Kind {
        name: "DocumentReference",
        elements: "masterIdentifier identifier* status! docStatus type category* subject date author* authenticator \
            custodian relatesTo* description securityLabel* content*! context",
        statuses: &["current", "superseded", "entered-in-error"],
        read: read::document::reference,
    },
    Kind {
        name: "MedicationRequest",
        elements: "identifier* status! statusReason intent! category* priority doNotPerform reportedBoolean \
            reportedReference medicationCodeableConcept medicationReference subject! encounter supportingInformation* \
            authoredOn requester performer performerType recorder reasonCode* reasonReference* instantiatesCanonical* \
            instantiatesUri* basedOn* groupIdentifier courseOfTherapyType insurance* note* dosageInstruction* \
            dispenseRequest substitution priorPrescription detectedIssue* eventHistory*",
        statuses: REQUEST,
        read: read::medication::read,
    },
    Kind {
        name: "MedicationAdministration",
        elements: "identifier* instantiates* partOf* status! statusReason* category medicationCodeableConcept \
            medicationReference subject! context supportingInformation* effectiveDateTime effectivePeriod performer* \
            reasonCode* reasonReference* request device* note* dosage eventHistory* \
            wasNotGiven reasonNotGiven* effectiveTimeDateTime effectiveTimePeriod",
        statuses: EVENT,
        read: read::medication::read,
    },
    Kind {
        name: "MedicationDispense",
        elements: "identifier* partOf* status! statusReasonCodeableConcept statusReasonReference category \
            medicationCodeableConcept medicationReference subject context supportingInformation* performer* location \
            authorizingPrescription* type quantity daysSupply whenPrepared whenHandedOver destination receiver* note* \
            dosageInstruction* substitution detectedIssue* eventHistory*",
        statuses: EVENT,
        read: read::medication::read,
    },
    Kind {
        name: "MedicationStatement",
        elements: "identifier* basedOn* partOf* status! statusReason* category medicationCodeableConcept \
            medicationReference subject! context effectiveDateTime effectivePeriod dateAsserted informationSource \
            derivedFrom* reasonCode* reasonReference* note* dosage* taken wasNotTaken reasonNotTaken*",
        statuses: STATEMENT,
        read: read::medication::read,
    },
    Kind {
        name: "Procedure",
        elements: "identifier* instantiatesCanonical* instantiatesUri* basedOn* partOf* status! statusReason category \
            code subject! encounter performedDateTime performedPeriod performedString performedAge performedRange \
            recorder asserter performer* location reasonCode* reasonReference* bodySite* outcome report* complication* \
            complicationDetail* followUp* note* focalDevice* usedReference* usedCode*",
        statuses: EVENT,
        read: read::procedure::read,
    },
    Kind {
        name: "Specimen",
        elements: "identifier* accessionIdentifier status type subject receivedTime parent* request* collection \
            processing* container* condition* note*",
        statuses: &["available", "unavailable", "unsatisfactory", "entered-in-error"],
        read: read::specimen::read,
    },
    Kind {
        name: "AllergyIntolerance",
        elements: "identifier* clinicalStatus verificationStatus type category* criticality code patient! encounter \
            onsetDateTime onsetAge onsetPeriod onsetRange onsetString recordedDate recorder asserter lastOccurrence \
            note* reaction*",
        statuses: &[],
        read: read::allergy::read,
    },
    Kind {
        name: "FamilyMemberHistory",
        elements: "identifier* instantiatesCanonical* instantiatesUri* status! dataAbsentReason patient! date name \
            relationship! sex bornPeriod bornDate bornString ageAge ageRange ageString estimatedAge deceasedBoolean \
            deceasedAge deceasedRange deceasedDate deceasedString reasonCode* reasonReference* note* condition*",
        statuses: &["partial", "completed", "entered-in-error", "health-unknown"],
        read: read::other::family,
    },
    Kind {
        name: "ServiceRequest",
        elements: "identifier* instantiatesCanonical* instantiatesUri* basedOn* replaces* requisition status! intent! \
            category* priority doNotPerform code orderDetail* quantityQuantity quantityRatio quantityRange subject! \
            encounter occurrenceDateTime occurrencePeriod occurrenceTiming asNeededBoolean asNeededCodeableConcept \
            authoredOn requester performerType performer* locationCode* locationReference* reasonCode* \
            reasonReference* insurance* supportingInfo* specimen* bodySite* note* patientInstruction relevantHistory*",
        statuses: REQUEST,
        read: read::other::request,
    },
];

/// Kinds that say nothing a plan uses, or are read where another resource points to them; with the reason.
pub fn set_aside(kind: &str) -> Option<&'static str> {
    match kind {
        "Medication" | "BodyStructure" | "ImagingStudy" | "Media" => {
            Some("read where another entry refers to it; no fact of its own")
        }
        "MolecularSequence" => Some("sequence data; the variants called from it are their own entries"),
        "CarePlan" | "Task" | "RequestGroup" | "Goal" => {
            Some("a plan, not a fact about what was found or given")
        }
        "OperationOutcome" => Some("a server's message, not part of the record"),
        "ResearchStudy" => Some("a trial, not a fact about the patient"),
        kind if R4_KINDS.split_whitespace().any(|known| known == kind) => {
            Some("no stage uses this kind of resource")
        }
        _ => None,
    }
}

/// R4 (4.0.1), "Resource Index", without those above.
const R4_KINDS: &str = "Account ActivityDefinition AdverseEvent Appointment AppointmentResponse AuditEvent Basic Binary \
    BiologicallyDerivedProduct CapabilityStatement CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim \
    ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition Composition \
    ConceptMap Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device \
    DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DocumentManifest EffectEvidenceSynthesis Encounter \
    Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable \
    ExampleScenario ExplanationOfBenefit Flag GraphDefinition Group GuidanceResponse HealthcareService \
    Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library \
    Linkage List Location Measure MeasureReport MedicationKnowledge MedicinalProduct \
    MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication \
    MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged \
    MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader NamingSystem \
    NutritionOrder ObservationDefinition OperationDefinition Organization OrganizationAffiliation Parameters \
    PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Provenance Questionnaire \
    QuestionnaireResponse RelatedPerson ResearchDefinition ResearchElementDefinition ResearchSubject RiskAssessment \
    RiskEvidenceSynthesis Schedule SearchParameter Slot SpecimenDefinition StructureDefinition StructureMap \
    Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation \
    SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest TerminologyCapabilities TestReport \
    TestScript ValueSet VerificationResult VisionPrescription";
