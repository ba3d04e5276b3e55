"""The only place that draws: tables and arrays in, matplotlib figures or HTML pages out.

theme      colours, fonts and sizes
effects    importance tables: forests and profiles
motifs     contribution matrices as logos
maps       attribution maps of sequences
diagnostics  how far backgrounds are from data
robustness   effects by null model
pages      tables as HTML for the report
"""
