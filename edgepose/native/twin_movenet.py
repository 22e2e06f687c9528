def movenet(): pass
