"""What is kept of an event: keypoints, or the camera's own packets where that is allowed."""
