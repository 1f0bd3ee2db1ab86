print("rotated")
