"""Hits and variants of records under the names that tools write lie where the genome has them."""

import re

import keras
import numpy as np
import pytest
from conftest import make_project

from giaflow.base.alphabet import decode, encode, reverse_complement
from giaflow.io.intervals import read_bed
from giaflow.io.tables import read_provenance, read_table

SITE, LENGTH, STEP, RECORDS = "TGACTCA", 60, 100, 300
MOTIFS = {"sequences": {"count": ["peaks"]}, "width": 7}
NETWORKS = ("soft", "sharp", "flat")
READ = {"targets": {"count": 0}}


def counting(sharpness):
    """A network that counts the site; less sharp, words near it count a little."""
    sequence = keras.Input((LENGTH, 4))
    kernel = np.zeros((len(SITE), 4, 1), np.float32)
    kernel[range(len(SITE)), encode(SITE), 0] = 1
    activation = "relu" if sharpness is None else "exponential"
    scan = keras.layers.Conv1D(1, len(SITE), activation=activation)
    mean = keras.layers.GlobalAveragePooling1D()(scan(sequence))
    scale = sharpness or 1
    bias = np.array([(1 if sharpness is None else 0) - scale * len(SITE)], np.float32)
    scan.set_weights([scale * kernel, bias])
    total = keras.layers.Dense(1, use_bias=False)
    model = keras.Model(sequence, total(mean))
    total.set_weights([np.array([[LENGTH - len(SITE) + 1]], np.float32)])
    return model


def rooted():
    """A network that takes the root of counts: its gradient is not a number where these are 0."""
    network = counting(None)
    return keras.Model(network.inputs[0], keras.ops.sqrt(keras.ops.relu(network.outputs[0])))


def study(records, **settings):
    return {
        "study": "places",
        "length": LENGTH,
        "sequences": {"peaks": {"fasta": [records], **settings}},
        "models": {name: {"path": f"{name}.keras", "output": READ} for name in NETWORKS},
        "attribution": {"sequences": {"peaks": RECORDS}, "methods": [{"method": "ism"}]},
        "nulls": {"letters": {"kind": "uniform", "sequences": ["peaks"], "n": 23}},
        "patterns": {"site": SITE},
        "experiments": {
            "alleles": {
                "kind": "variants",
                "settings": {"variants": ["site.vcf"], "sequences": ["peaks"]},
            }
        },
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with networks, a genome's records under several names, and a variant."""
    rng = np.random.default_rng(5)
    genome = rng.integers(0, 4, STEP * (RECORDS + 2), dtype=np.uint8)
    starts = [STEP * (i + 1) for i in range(RECORDS)]
    for i, start in enumerate(starts):
        if i % 10:
            at = start + int(rng.integers(6, LENGTH - 14))
            genome[at : at + len(SITE)] = encode(SITE)
    at = starts[10] + 29
    genome[at : at + 8] = encode("T" + SITE)
    project = make_project(tmp_path_factory.mktemp("places") / "project", study("minus.fa"))
    pieces = [(s, genome[s : s + LENGTH]) for s in starts]
    named = {
        "minus.fa": [
            (f"p::chrA:{s}-{s + LENGTH}(-)", reverse_complement(codes)) for s, codes in pieces
        ],
        "samtools.fa": [(f"chrA:{s + 1}-{s + LENGTH}", codes) for s, codes in pieces],
    }
    for name, records in named.items():
        text = "".join(f">{title}\n{decode(codes)}\n" for title, codes in records)
        (project.folder / name).write_text(text)
    vcf = f"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchrA\t{at + 2}\trs1\tT\tC\n"
    (project.folder / "site.vcf").write_text(vcf)
    counting(1.5).save(project.folder / "soft.keras")
    counting(None).save(project.folder / "sharp.keras")
    flat = counting(None)
    flat.set_weights([np.zeros_like(each) for each in flat.get_weights()])
    flat.save(project.folder / "flat.keras")
    rooted().save(project.folder / "root.keras")
    return project, genome


TABLE = "results/models/sharp/experiments/letters/alleles/contrasts.tsv"


def effect_of_the_variant(project):
    table = read_table(project.folder / TABLE)
    rows = table[(table["estimand"] == "variant_effect") & (table["arm"] == "own sequence")]
    return rows["estimate"].tolist()


def test_every_hit_on_minus_strand_records_lies_on_the_motif(made):
    project, genome = made
    project.write_config(study("minus.fa") | {"motifs": MOTIFS})
    bed = "results/models/soft/motifs/hits.bed"
    done = project.snakemake("--cores", "2", "--", bed, TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    hits = read_bed(project.folder / bed)
    assert len(hits) > 100
    for hit in hits:
        assert hit.chrom == "chrA"
        around = decode(genome[hit.start - 5 : hit.end + 5])
        assert SITE in around or decode(reverse_complement(encode(SITE))) in around
    # All sites stand on the plus strand, so the hits of a pattern have one strand.
    letters = {}
    for line in (project.folder / bed).read_text().splitlines():
        _, start, end, name, score, strand = line.split("\t")
        codes = genome[int(start) : int(end)]
        word = decode(reverse_complement(codes) if strand == "-" else codes)
        letters.setdefault(name, []).append(word)
        assert 0 <= int(score) <= 1000
    for words in letters.values():
        common = max(set(words), key=words.count)
        assert words.count(common) > len(words) / 2 or SITE[1:6] in "".join(words)
    # The network counts TGACTCA; the reverse complement holds TGAGTCA, which it does not count.
    np.testing.assert_allclose(effect_of_the_variant(project), 0, atol=1e-5)


def test_one_based_names_are_refused_or_read_as_such(made):
    project, _ = made
    project.write_config(study("samtools.fa"))
    done = project.snakemake("--cores", "2", "--", TABLE)
    assert done.returncode != 0
    told = done.stdout + done.stderr
    assert "record 'chrA:101-160': its name spans 59 letters, counted from 0" in told
    assert "the record has 60" in told and "coordinates: one_based" in told
    project.write_config(study("samtools.fa", coordinates="one_based"))
    done = project.snakemake("--cores", "2", "--", TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    np.testing.assert_allclose(effect_of_the_variant(project), -1, atol=1e-5)


def test_contributions_that_are_all_zero_give_an_empty_catalogue_with_the_reason(made):
    """A network that never looks."""
    project, _ = made
    project.write_config(study("minus.fa") | {"motifs": MOTIFS})
    folder = "results/models/flat/motifs"
    done = project.snakemake("--cores", "2", "--", f"{folder}/catalogue.png", TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no motifs for count: the contributions of all" in done.stdout + done.stderr
    assert read_table(project.folder / folder / "catalogue.tsv").empty
    reasons = read_provenance(project.folder / folder / "catalogue.tsv")["no_patterns"]
    assert reasons["count"].endswith("are 0: predictions do not change")
    assert (project.folder / folder / "hits.bed").read_text() == ""
    svg = (project.folder / folder / "catalogue.svg").read_text()
    assert "predictions do not change" in " ".join(re.findall(r">([^<>]+)</", svg))


def test_attributions_that_are_not_finite_leave_the_rest_of_the_study(made):
    project, _ = made
    config = study("minus.fa")
    config["models"] = {"root": config["models"]["flat"] | {"path": "root.keras"}}
    config["attribution"]["methods"] = [{"method": "saliency"}]
    project.write_config(config | {"motifs": {**MOTIFS, "attribution": "saliency"}})
    done = project.snakemake("--cores", "2")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "saliency scores of" in said and "are not finite" in said
    assert (project.folder / "results" / "report.html").exists()
    table = project.folder / "results/models/root/motifs/catalogue.tsv"
    assert "not finite" in read_provenance(table)["no_patterns"]["count"]
    assert len(read_table(project.folder / "results/tables/contrasts.tsv"))
