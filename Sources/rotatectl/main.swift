print("rotatectl")
