"""Rules on bodies: where keypoints are, for how long, in which mode."""
