#!/bin/bash -eu
# Builds the fuzz targets that need no kernel; `differential` needs the very kernel that it is about,
# and no sanitizer, so it is not fuzzed here.
#
# Written by the documentation of ClusterFuzzLite, https://google.github.io/clusterfuzzlite/, and not
# yet run in its containers.
cd "$SRC/mapspec"
for target in litmus refinement; do
    cargo fuzz build --fuzz-dir harness/fuzz --target-dir target/fuzz -O --debug-assertions "$target"
    cp "target/fuzz/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
done

# The parser starts from what it is made for; the corpus has a folder for each subject.
find corpus -name '*.litmus' | zip -q -@ "$OUT/litmus_seed_corpus.zip"
