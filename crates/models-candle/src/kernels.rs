//! What is done to each number between the matrix products?
//!
//! On the processor in place and in one pass; elsewhere, and in other precisions, by candle's own operations with the
//! same meaning.

use crate::config::Activation;
use candle_core::{CpuStorage, D, InplaceOp1, InplaceOp2, InplaceOp3, Layout, Result, Tensor, bail};
use rayon::prelude::*;

/// Numbers a thread takes at once: enough to be worth the hand-over, few enough to stay in its cache.
const PORTION: usize = 16 * 1024;

/// `activation(x + bias)`; `x` is `[.., n]` and freshly made, `bias` `[n]`.
pub fn bias_activation(x: Tensor, bias: &Tensor, activation: Activation) -> Result<Tensor> {
    if is_plain(&x) {
        x.inplace_op2(bias, &BiasActivation(activation))?;
        return Ok(x);
    }
    let x = x.broadcast_add(bias)?;
    match activation {
        Activation::Identity => Ok(x),
        Activation::Gelu => x.gelu_erf(),
        Activation::GeluTanh => x.gelu(),
        Activation::QuickGelu => &x * candle_nn::ops::sigmoid(&(&x * 1.702)?)?,
        Activation::Relu => x.relu(),
    }
}

/// Layer norm of `x + bias + residual`; `x` and `residual` are `[rows, n]`, `bias_scale_shift` is `[3, n]`.
pub fn add_norm(x: Tensor, residual: &Tensor, bias_scale_shift: &Tensor, eps: f64) -> Result<Tensor> {
    if is_plain(&x) {
        x.inplace_op3(residual, bias_scale_shift, &AddNorm(eps as f32))?;
        return Ok(x);
    }
    let row = |at: usize| bias_scale_shift.get(at);
    let x = (x.broadcast_add(&row(0)?)? + residual)?;
    candle_nn::ops::layer_norm_slow(&x, &row(1)?, &row(2)?, eps as f32)
}

/// Softmax of `x * scale` over the last axis; `x` is freshly made.
pub fn softmax(x: Tensor, scale: f64) -> Result<Tensor> {
    if is_plain(&x) {
        x.inplace_op1(&Softmax(scale as f32))?;
        return Ok(x);
    }
    candle_nn::ops::softmax(&(x * scale)?, D::Minus1)
}

fn is_plain(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == candle_core::DType::F32 && x.is_contiguous()
}

struct BiasActivation(Activation);

impl InplaceOp2 for BiasActivation {
    fn name(&self) -> &'static str {
        "bias-activation"
    }

    fn cpu_fwd(&self, x: &mut CpuStorage, at: &Layout, bias: &CpuStorage, bias_at: &Layout) -> Result<()> {
        let bias = numbers(bias, bias_at)?;
        rows(numbers_mut(x, at)?, bias.len(), |row| {
            row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
            match self.0 {
                Activation::Identity => {}
                Activation::Gelu => row.iter_mut().for_each(|x| *x = gelu(*x)),
                Activation::GeluTanh => row.iter_mut().for_each(|x| *x = gelu_tanh(*x)),
                Activation::QuickGelu => row.iter_mut().for_each(|x| *x *= sigmoid(1.702 * *x)),
                Activation::Relu => row.iter_mut().for_each(|x| *x = x.max(0.0)),
            }
        });
        Ok(())
    }
}

struct AddNorm(f32);

impl InplaceOp3 for AddNorm {
    fn name(&self) -> &'static str {
        "add-norm"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        at: &Layout,
        residual: &CpuStorage,
        residual_at: &Layout,
        parameters: &CpuStorage,
        parameters_at: &Layout,
    ) -> Result<()> {
        let (x, residual) = (numbers_mut(x, at)?, numbers(residual, residual_at)?);
        let parameters = numbers(parameters, parameters_at)?;
        let n = parameters.len() / 3;
        let (bias, scale_shift) = parameters.split_at(n);
        let (scale, shift) = scale_shift.split_at(n);
        let portion = PORTION.div_ceil(n) * n;
        x.par_chunks_mut(portion).zip(residual.par_chunks(portion)).for_each(|(x, residual)| {
            for (x, residual) in x.chunks_exact_mut(n).zip(residual.chunks_exact(n)) {
                x.iter_mut().zip(bias).zip(residual).for_each(|((x, bias), residual)| *x += bias + residual);
                norm(x, scale, shift, self.0);
            }
        });
        Ok(())
    }
}

struct Softmax(f32);

impl InplaceOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, x: &mut CpuStorage, at: &Layout) -> Result<()> {
        let n = *at.dims().last().unwrap_or(&1);
        rows(numbers_mut(x, at)?, n, |row| {
            let larger = |a: f32, b: f32| if a < b { b } else { a };
            let largest = lanes(row, f32::NEG_INFINITY, larger).into_iter().fold(f32::NEG_INFINITY, larger);
            row.iter_mut().for_each(|x| *x = exp((*x - largest) * self.0));
            let one_over = 1.0 / lanes(row, 0.0, |sum, x| sum + x).into_iter().sum::<f32>();
            row.iter_mut().for_each(|x| *x *= one_over);
        });
        Ok(())
    }
}

fn norm(x: &mut [f32], scale: &[f32], shift: &[f32], eps: f32) {
    let n = x.len() as f32;
    let mean = lanes(x, 0.0, |sum, x| sum + x).into_iter().sum::<f32>() / n;
    x.iter_mut().for_each(|x| *x -= mean);
    let variance = lanes(x, 0.0, |sum, x| sum + x * x).into_iter().sum::<f32>() / n;
    let one_over = 1.0 / (variance + eps).sqrt();
    x.iter_mut().zip(scale).zip(shift).for_each(|((x, scale), shift)| *x = *x * one_over * scale + shift);
}

/// Applies `step` to each row of `n` numbers, on all cores.
fn rows(x: &mut [f32], n: usize, step: impl Fn(&mut [f32]) + Sync) {
    if n == 0 {
        return;
    }
    let portion = PORTION.div_ceil(n) * n;
    x.par_chunks_mut(portion).for_each(|rows| rows.chunks_exact_mut(n).for_each(&step));
}

/// Folds in eight lanes, so that the compiler may use vector instructions; the order is fixed, hence the result too.
fn lanes(x: &[f32], start: f32, step: impl Fn(f32, f32) -> f32) -> [f32; 8] {
    let mut lanes = [start; 8];
    let eights = x.chunks_exact(8);
    let rest = eights.remainder();
    for eight in eights {
        for (lane, x) in lanes.iter_mut().zip(eight) {
            *lane = step(*lane, *x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane = step(*lane, *x);
    }
    lanes
}

fn numbers<'a>(storage: &'a CpuStorage, at: &Layout) -> Result<&'a [f32]> {
    match (storage, at.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => Ok(&all[from..to]),
        _ => bail!("needs contiguous single-precision numbers"),
    }
}

fn numbers_mut<'a>(storage: &'a mut CpuStorage, at: &Layout) -> Result<&'a mut [f32]> {
    match (storage, at.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => Ok(&mut all[from..to]),
        _ => bail!("needs contiguous single-precision numbers"),
    }
}

#[inline]
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

#[inline]
fn gelu_tanh(x: f32) -> f32 {
    // 0.5 (1 + tanh u) = σ(2u)
    const TWICE_SQRT_2_OVER_PI: f32 = 1.595_769;
    x * sigmoid(TWICE_SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x))
}

#[inline]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Error function to 5e-7: 1.5e-7 is the formula, the rest rounding. Abramowitz and Stegun, Handbook of Mathematical
/// Functions (1964), 7.1.26.
#[inline]
fn erf(x: f32) -> f32 {
    let a = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * a);
    let polynomial =
        t * (0.254_829_6 + t * (-0.284_496_72 + t * (1.421_413_8 + t * (-1.453_152_1 + t * 1.061_405_4))));
    (1.0 - polynomial * exp(-a * a)).copysign(x)
}

/// eˣ to about 2 ulp, without branch or call, so that loops over it become vector instructions. Below -87 it is as at
/// -87 (1.6e-38), above 88 as at 88.
#[inline]
fn exp(x: f32) -> f32 {
    // x = n ln 2 + r; adding 1.5 · 2²³ rounds to the nearest whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if 88.0 < x { 88.0 } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    // Taylor series: |r| ≤ ln 2 / 2, the first term left out is below 1e-8.
    let polynomial = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0
                    + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0)))))));
    let power = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    polynomial * f32::from_bits(power)
}

#[cfg(test)]
mod tests {
    use super::{add_norm, bias_activation, erf, exp, softmax};
    use crate::config::Activation;
    use candle_core::{DType, Device, Result, Tensor};
    use proptest::prelude::*;

    /// Single precision takes our pass, double precision candle's own operations: they must mean the same.
    fn check(rows: usize, n: usize, seed: f32, run: impl Fn(Tensor, &Tensor) -> Result<Tensor>) {
        let make = |count: usize, at: f32| {
            (0..count).map(|i| ((i as f32 + at) * 0.7).sin() * 5.0).collect::<Vec<_>>()
        };
        let x = Tensor::from_vec(make(rows * n, seed), (rows, n), &Device::Cpu).expect("a tensor");
        let others = Tensor::from_vec(make((rows + 3) * n, seed + 0.3), (rows + 3, n), &Device::Cpu)
            .expect("a tensor");
        let double = |x: &Tensor| x.to_dtype(DType::F64).expect("wider");
        let wanted = run(double(&x), &double(&others))
            .and_then(|x| x.flatten_all()?.to_vec1::<f64>())
            .expect("numbers");
        let said = run(x, &others).and_then(|x| x.flatten_all()?.to_vec1::<f32>()).expect("numbers");
        for (said, wanted) in said.iter().zip(&wanted) {
            assert!((f64::from(*said) - wanted).abs() < 2e-5, "{said} is not {wanted}");
        }
    }

    proptest! {
        #[test]
        fn passes_mean_what_candle_means(rows in 1usize..40, n in 1usize..70, seed in 0f32..100.0) {
            use Activation::*;
            for activation in [Identity, Gelu, GeluTanh, QuickGelu, Relu] {
                check(rows, n, seed, |x, others| bias_activation(x, &others.get(0)?, activation));
            }
            check(rows, n, seed, |x, _| softmax(x, 0.4));
        }

        #[test]
        fn layer_norm_means_what_candle_means(rows in 1usize..40, n in 8usize..70, seed in 0f32..100.0) {
            check(rows, n, seed, |x, others| {
                add_norm(x, &others.narrow(0, 3, rows)?.contiguous()?, &others.narrow(0, 0, 3)?, 1e-3)
            });
        }

        #[test]
        fn exp_is_close(x in -86f32..88.0) {
            let wanted = f64::from(x).exp();
            prop_assert!((f64::from(exp(x)) - wanted).abs() <= 4e-7 * wanted, "{}", x);
        }

        #[test]
        fn erf_is_close(x in -6f32..6.0) {
            let wanted = f64::from(x);
            let wanted = Tensor::new(wanted, &Device::Cpu).and_then(|x| x.erf()?.to_scalar::<f64>()).expect("a number");
            prop_assert!((f64::from(erf(x)) - wanted).abs() <= 5e-7, "{}", x);
        }
    }

    #[test]
    fn exp_stays_finite_at_its_ends() {
        for (x, least, most) in [(-1e30, 0.0, 1e-37), (f32::NEG_INFINITY, 0.0, 1e-37), (1e30, 1e37, f32::MAX)]
        {
            assert!((least..=most).contains(&exp(x)), "{x}");
        }
    }
}
