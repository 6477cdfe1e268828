//! Is every tensor there, in the shape the configuration asks for?

use crate::Place;
use crate::folder::Folder;
use candle_core::{DType, Device, Tensor};
use concilium_models::ModelError;
use std::collections::HashMap;

const FILE: &str = "model.safetensors";

/// Tensors of `model.safetensors`, turned into the precision they are computed in when asked for.
pub struct Weights {
    tensors: HashMap<String, Tensor>,
    /// Before the encoder's names: nothing, `bert.` or `roberta.`.
    prefix: String,
    dtype: DType,
    device: Device,
}

impl Weights {
    /// Reads the file. Half precision is widened on the processor.
    pub fn read(folder: &mut Folder, place: Place) -> Result<Weights, ModelError> {
        let (device, dtype) = device(folder, place)?;
        let bytes = folder.need(FILE)?;
        let read = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu);
        let tensors = read.map_err(|error| {
            folder.wrong(
                FILE,
                format!("is no whole safetensors file ({error}); delete it and fetch the model again"),
            )
        })?;
        let found = ["", "bert.", "roberta."]
            .into_iter()
            .find(|prefix| tensors.contains_key(&format!("{prefix}embeddings.word_embeddings.weight")));
        let prefix = found.ok_or_else(|| {
            folder.wrong(
                FILE,
                "has no embeddings.word_embeddings.weight: these are not the weights of a BERT encoder",
            )
        })?;
        Ok(Weights { tensors, prefix: prefix.to_owned(), dtype, device })
    }

    /// A tensor of the encoder.
    pub fn encoder(&self, folder: &Folder, name: &str, shape: &[usize]) -> Result<Tensor, ModelError> {
        self.head(folder, &format!("{}{name}", self.prefix), shape)
    }

    /// A tensor by its whole name.
    pub fn head(&self, folder: &Folder, name: &str, shape: &[usize]) -> Result<Tensor, ModelError> {
        let tensor = self.tensors.get(name).or_else(|| self.tensors.get(&old_name(name)));
        let tensor = tensor.ok_or_else(|| {
            folder.wrong(
                FILE,
                format!("tensor {name} is missing; weights and config.json are of different models"),
            )
        })?;
        if tensor.dims() != shape {
            return Err(folder.wrong(
                FILE,
                format!("tensor {name} has shape {:?}, config.json asks for {shape:?}", tensor.dims()),
            ));
        }
        if !tensor.dtype().is_float() {
            return Err(folder.wrong(
                FILE,
                format!("tensor {name} holds {:?}, no floating-point numbers", tensor.dtype()),
            ));
        }
        let moved = tensor.to_dtype(self.dtype).and_then(|t| t.to_device(&self.device));
        moved.map_err(|error| folder.wrong(FILE, format!("tensor {name}: {error}")))
    }

    /// Number of rows of a tensor by its whole name; `None` if it is not there.
    pub fn rows(&self, name: &str) -> Option<usize> {
        self.tensors.get(name).and_then(|tensor| tensor.dims().first().copied())
    }
}

/// Checkpoints of the first BERT say gamma and beta.
fn old_name(name: &str) -> String {
    name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
}

fn device(folder: &Folder, place: Place) -> Result<(Device, DType), ModelError> {
    match place {
        Place::Cpu => Ok((Device::Cpu, DType::F32)),
        Place::Cuda(card) => match Device::new_cuda(card) {
            Ok(device) => Ok((device, DType::F16)),
            Err(error) => Err(ModelError::Engine {
                model: folder.name(),
                what: format!(
                    "card {card} cannot be used ({error}); run on the processor, or build with `cuda`"
                ),
            }),
        },
    }
}
