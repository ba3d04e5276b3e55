"""The only place that draws: tables and arrays in, matplotlib figures or HTML pages out.

theme      colours, fonts and sizes
layout     rows of panels, names, units and legends that figures of effects share
effects    importance tables, drawn as their design asks:
forest       estimates with intervals by name
profiles     estimates along a number
matrices     estimates by position and letter
motifs     contribution matrices as logos
maps       attribution maps of sequences
diagnostics  how far backgrounds are from data
robustness   effects by null model
page/      tables as HTML for the report
"""
