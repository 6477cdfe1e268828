//! What should come out? The published formulas as plain loops in double precision, one token at a time.

use crate::tiny::{BLOCKS, CLS, HEADS, HIDDEN, SEP, Tiny};

/// Tokens of letters parted by spaces, cut so that `most` tokens stand.
pub fn tokens(text: &str, most: usize) -> Vec<usize> {
    let letters = text.bytes().filter(u8::is_ascii_lowercase).map(|letter| 4 + usize::from(letter - b'a'));
    std::iter::once(CLS).chain(letters.take(most - 2)).chain([SEP]).collect()
}

/// Tokens and kinds of a pair that needs no cutting.
pub fn pair(first: &str, second: &str) -> (Vec<usize>, Vec<usize>) {
    let (first, second) = (tokens(first, 100), tokens(second, 100).split_off(1));
    let kinds = vec![0; first.len()].into_iter().chain(vec![1; second.len()]).collect();
    (first.into_iter().chain(second).collect(), kinds)
}

/// One vector a token.
pub fn encode(tiny: &Tiny, tokens: &[usize], kinds: &[usize]) -> Vec<Vec<f64>> {
    let roberta = tiny.config["model_type"] != "bert";
    let first = if roberta { 2 } else { 0 };
    let words = |table: &str, row: usize| row_of(tiny, &format!("embeddings.{table}.weight"), row);
    let mut x: Vec<Vec<f64>> = Vec::new();
    for (at, (&token, &kind)) in tokens.iter().zip(kinds).enumerate() {
        let position = words("position_embeddings", first + at);
        let kind = words("token_type_embeddings", if roberta { 0 } else { kind });
        x.push(norm(
            tiny,
            "embeddings.LayerNorm",
            &add(&add(&words("word_embeddings", token), &position), &kind),
        ));
    }
    for at in 0..BLOCKS {
        x = block(tiny, &format!("encoder.layer.{at}"), &x);
    }
    x
}

fn block(tiny: &Tiny, layer: &str, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let project = |of: &str| -> Vec<Vec<f64>> {
        x.iter().map(|x| dense(tiny, &format!("{layer}.attention.self.{of}"), x)).collect()
    };
    let (query, key, value) = (project("query"), project("key"), project("value"));
    let size = HIDDEN / HEADS;
    let mut out = Vec::new();
    for from in 0..x.len() {
        let mut attended = vec![0.0; HIDDEN];
        for head in 0..HEADS {
            let span = head * size..(head + 1) * size;
            let dot = |to: usize| {
                span.clone().map(|i| query[from][i] * key[to][i]).sum::<f64>() / (size as f64).sqrt()
            };
            let exps: Vec<f64> = (0..x.len()).map(|to| dot(to).exp()).collect();
            let sum: f64 = exps.iter().sum();
            for i in span.clone() {
                attended[i] = (0..x.len()).map(|to| exps[to] / sum * value[to][i]).sum();
            }
        }
        let attended = dense(tiny, &format!("{layer}.attention.output.dense"), &attended);
        let middle = norm(tiny, &format!("{layer}.attention.output.LayerNorm"), &add(&attended, &x[from]));
        let wide = dense(tiny, &format!("{layer}.intermediate.dense"), &middle);
        let wide: Vec<f64> = wide.iter().map(|&x| activation(tiny, x)).collect();
        let narrow = dense(tiny, &format!("{layer}.output.dense"), &wide);
        out.push(norm(tiny, &format!("{layer}.output.LayerNorm"), &add(&narrow, &middle)));
    }
    out
}

/// A named dense layer on one vector; `name` may carry the encoder's prefix or not.
pub fn dense(tiny: &Tiny, name: &str, x: &[f64]) -> Vec<f64> {
    let bias = row_of(tiny, &format!("{name}.bias"), 0);
    let row = |at: usize| row_of(tiny, &format!("{name}.weight"), at);
    let rows = shape(tiny, &format!("{name}.weight"))[0];
    (0..rows).map(|at| row(at).iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias[at]).collect()
}

fn activation(tiny: &Tiny, x: f64) -> f64 {
    match tiny.config["hidden_act"].as_str().expect("a name") {
        "gelu" => 0.5 * x * (1.0 + erf(x / 2f64.sqrt())),
        "gelu_new" => {
            0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
        }
        "quick_gelu" => x / (1.0 + (-1.702 * x).exp()),
        "relu" => x.max(0.0),
        other => panic!("{other}"),
    }
}

/// Its power series; good to 1e-9 where it is used.
pub fn erf(x: f64) -> f64 {
    let (mut sum, mut power) = (0.0, x);
    for n in 0..120 {
        sum += power / f64::from(2 * n + 1);
        power *= -x * x / f64::from(n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

fn norm(tiny: &Tiny, name: &str, x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let (scale, shift) =
        (row_of(tiny, &format!("{name}.weight"), 0), row_of(tiny, &format!("{name}.bias"), 0));
    (0..x.len()).map(|i| (x[i] - mean) / (variance + 1e-12).sqrt() * scale[i] + shift[i]).collect()
}

fn add(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn shape(tiny: &Tiny, name: &str) -> Vec<usize> {
    tensor(tiny, name).0.clone()
}

fn row_of(tiny: &Tiny, name: &str, row: usize) -> Vec<f64> {
    let (shape, numbers) = tensor(tiny, name);
    let n = *shape.last().expect("a shape");
    numbers[row * n..(row + 1) * n].iter().map(|&x| f64::from(x)).collect()
}

fn tensor<'a>(tiny: &'a Tiny, name: &str) -> &'a (Vec<usize>, Vec<f32>) {
    let found =
        ["", "bert.", "roberta."].iter().find_map(|prefix| tiny.tensors.get(&format!("{prefix}{name}")));
    found.unwrap_or_else(|| panic!("{name}"))
}

/// Token vectors to one by the name of the mode.
pub fn pool(rows: &[Vec<f64>], mode: &str) -> Vec<f64> {
    let column = |i: usize| rows.iter().map(move |row| row[i]);
    (0..HIDDEN)
        .map(|i| match mode {
            "cls_token" => rows[0][i],
            "mean_tokens" => column(i).sum::<f64>() / rows.len() as f64,
            "max_tokens" => column(i).fold(f64::NEG_INFINITY, f64::max),
            other => panic!("{other}"),
        })
        .collect()
}

pub fn unit(x: &[f64]) -> Vec<f64> {
    let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
    x.iter().map(|x| x / length).collect()
}

/// Largest difference of two vectors of equal length.
#[track_caller]
pub fn difference(said: &[f32], expect: &[f64]) -> f64 {
    assert_eq!(said.len(), expect.len());
    said.iter().zip(expect).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max)
}
