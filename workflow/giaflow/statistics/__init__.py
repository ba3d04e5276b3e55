"""From effects per background to estimates, tests, verdicts and tables."""
