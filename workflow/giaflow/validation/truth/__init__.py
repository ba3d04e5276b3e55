"""True effects, exact or by Monte Carlo, and a study's tables held against them."""
