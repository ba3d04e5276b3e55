"""The only place that opens files: one module per family of formats.

files       whole-file operations: hashes, atomic writes, JSON, wheels
fasta       sequences through pyfaidx
genome      a whole genome as codes, and intervals on it
intervals   BED
rows        tables that others wrote, row by row
arrays      netCDF through xarray
tables      TSV and Parquet
runs        one run at a time on a folder of results
manifest    hashes of everything a study made
motifs      TF-MoDISco files, MEME and BED

Everything is written to a temporary name and renamed, and carries its provenance inside.
"""
