common-x = x
