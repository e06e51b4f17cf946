"""The benchmark: what pages and saves cost on this machine, as ratios to limits measured in the same run."""
