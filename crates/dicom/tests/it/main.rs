//! DICOM files in and out. Files are made here with dicom-object, small and invented.

mod bad;
mod noise;
mod regions;
mod sample;
mod volumes;
