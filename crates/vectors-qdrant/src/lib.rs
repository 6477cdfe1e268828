//! Where do the vectors lie when a scan of all of them is too slow?
//!
//! In a folder ([`edge`], qdrant-edge in this process) or in a Qdrant server ([`server`], over gRPC). Both keep the
//! points in the same shape and the contract of `concilium_retrieval::vectors`. The only home of both.

#[cfg(all(feature = "edge", feature = "server"))]
mod place;

#[cfg(all(feature = "edge", feature = "server"))]
pub use place::{KEY_VARIABLE, open};

#[cfg(feature = "edge")]
pub mod edge;
#[cfg(feature = "server")]
pub mod server;
#[cfg(any(feature = "edge", feature = "server"))]
mod shape;
