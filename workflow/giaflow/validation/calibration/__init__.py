"""How far estimates are from the truth: repeated studies, power, false discoveries."""
