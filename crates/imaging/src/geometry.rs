//! Which shapes do regions have, and how do volumes come onto other grids?

pub mod components;
pub mod hull;
pub mod mesh;
pub mod resample;
