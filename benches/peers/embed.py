"""How many texts a second do sentence-transformers and onnxruntime embed, f32, on the texts our own bench wrote?

    cargo bench -p concilium-benches --bench embed -- texts.json
    python3 benches/peers/embed.py models/all-MiniLM-L6-v2 texts.json

Wants sentence-transformers and onnxruntime (and torch's ONNX exporter: onnx, onnxscript). The model is exported to
ONNX from the same weights and run in batches of 32, padded and masked, with mean pooling and unit length; both peers
and ours get the same number of threads (OMP_NUM_THREADS, RAYON_NUM_THREADS). Texts of mixed lengths are sorted by
length first, as sentence-transformers does itself. Vectors of the peers are held against each other before they are
timed. On a busy machine only the processor time says anything, and only with one thread: threads that wait for each
other spend it too.
"""

import json
import os
import sys
import tempfile
import time

import numpy
import onnxruntime
import torch
from sentence_transformers import SentenceTransformer

BATCH = 32
ROUNDS = int(os.environ.get("ROUNDS", 3))
THREADS = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))


def exported(model):
    """The encoder of a sentence-transformers model as an onnxruntime session."""
    encoder = model[0].auto_model.eval()
    encoder.config.return_dict = False
    inputs = model.tokenize(["first text", "another"])
    names = ["input_ids", "attention_mask", "token_type_ids"]

    class Plain(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = encoder

        def forward(self, ids, mask, kinds):
            return self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=kinds)[0]

    path = os.path.join(tempfile.mkdtemp(), "model.onnx")
    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    arguments = tuple(inputs[name] for name in names)
    torch.onnx.export(
        Plain(), arguments, path, input_names=names, output_names=["vectors"], dynamic_axes=axes, dynamo=False
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def by_onnx(session, tokenizer, texts):
    """Unit vectors, in the order of the texts."""
    order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
    vectors = [None] * len(texts)
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        inputs = tokenizer([texts[at] for at in some], padding=True, truncation=True, max_length=256, return_tensors="np")
        given = {name: inputs[name].astype(numpy.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        tokens = session.run(None, given)[0]
        mask = given["attention_mask"][..., None].astype(numpy.float32)
        mean = (tokens * mask).sum(1) / mask.sum(1)
        mean /= numpy.linalg.norm(mean, axis=1, keepdims=True)
        for at, vector in zip(some, mean):
            vectors[at] = vector
    return numpy.stack(vectors)


def rate(job, texts):
    """Texts a second, and texts a second of processor time (of all threads), over some rounds after a warming one."""
    job(texts)
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(ROUNDS):
        job(texts)
    several = ROUNDS * len(texts)
    wall, processor = several / (time.perf_counter() - wall), several / (time.process_time() - processor)
    return f"{wall:.1f} texts a second, {processor:.1f} of processor time"


def main(folder, file):
    torch.set_num_threads(THREADS)
    model = SentenceTransformer(folder, device="cpu")
    session = exported(SentenceTransformer(folder, device="cpu"))
    print(f"threads {THREADS}; torch {torch.__version__}, onnxruntime {onnxruntime.__version__}")

    def peer(texts):
        return model.encode(texts, batch_size=BATCH, show_progress_bar=False)

    def onnx(texts):
        return by_onnx(session, model.tokenizer, texts)

    for name, texts in json.load(open(file)).items():
        apart = float(numpy.abs(peer(texts[:8]) - onnx(texts[:8])).max())
        assert apart < 1e-4, f"the peers differ by {apart}"
        print(f"{name} tokens: sentence-transformers {rate(peer, texts)}", flush=True)
        print(f"{name} tokens: onnxruntime {rate(onnx, texts)}", flush=True)


main(*sys.argv[1:3])
