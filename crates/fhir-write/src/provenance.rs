//! Who said this, from what, and when?

use crate::bundle::Cx;
use crate::ids::{Name, name};
use crate::model::{Coding, ProvenanceSource, Software};
use crate::parts;
use crate::text::string;
use fhir_sdk::BuilderError;
use fhir_sdk::r4b::codes::{DeviceNameType, ProvenanceEntityRole};
use fhir_sdk::r4b::resources::{
    Device, DeviceDeviceName, DeviceVersion, Provenance, ProvenanceAgent, ProvenanceEntity,
};
use fhir_sdk::r4b::types::Reference;

/// The program outlives a run: its name does not depend on it.
pub fn device_name(software: &Software) -> Name {
    name("", "Device", &format!("{software:?}"))
}

/// The program as a device, named by its version and the hash of its sources.
pub fn device(software: &Software, own: &Name) -> Result<Device, BuilderError> {
    let mut device = Device::builder().id(own.id.clone()).build()?;
    device.identifier = vec![Some(parts::identifier(own)?)];
    if let Some(name) = string(&software.name) {
        let name = DeviceDeviceName::builder().name(name).r#type(DeviceNameType::UserFriendlyName).build()?;
        device.device_name = vec![Some(name)];
    }
    device.r#type = Some(parts::concept("clinical decision support software")?);
    for (kind, value) in [("release", &software.version), ("sources, sha256", &software.code)] {
        let Some(value) = string(value) else { continue };
        let version = DeviceVersion::builder().r#type(parts::concept(kind)?).value(value).build()?;
        device.version.push(Some(version));
    }
    Ok(device)
}

/// Knowledge release and every input by hash; the statements themselves stand at the actions that rest on them.
pub fn provenance(cx: &Cx<'_>, name: &Name) -> Result<Provenance, BuilderError> {
    let mut targets = vec![&cx.care_plan, &cx.guidance];
    if cx.options().next().is_some() {
        targets.push(&cx.group);
    }
    let mut provenance = Provenance::builder()
        .id(name.id.clone())
        .target(parts::to_all(targets)?)
        .recorded(cx.at.clone())
        .agent(vec![Some(agent(cx)?)])
        .build()?;
    provenance.activity = Some(parts::concept("therapy plan drawn up by rule")?);
    provenance.entity =
        cx.plan.sources.iter().map(|source| entity(source).map(Some)).collect::<Result<_, _>>()?;
    Ok(provenance)
}

/// HL7 "provenance-participant-type": a device that works on existing information.
fn agent(cx: &Cx<'_>) -> Result<ProvenanceAgent, BuilderError> {
    let system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type".to_owned();
    let mut kind = parts::concept("assembler")?;
    kind.coding = vec![Some(parts::coding(&Coding { system, code: "assembler".into() }, "Assembler")?)];
    ProvenanceAgent::builder().r#type(kind).who(parts::to_device(&cx.device)?).build()
}

/// A source that is no FHIR resource is named by its hash.
fn entity(source: &ProvenanceSource) -> Result<ProvenanceEntity, BuilderError> {
    let mut what = Reference::builder().build()?;
    what.identifier = parts::hash_identifier(&source.kind, &source.sha256)?;
    what.display = string(&source.title).or_else(|| string(&source.kind));
    ProvenanceEntity::builder().role(ProvenanceEntityRole::Source).what(what).build()
}
