"""What is in a video file, found out in a process of its own that a hostile file cannot harm us from.

Nothing here but `probe` imports Django: the process that looks (`inspect`) must start fast.
"""
