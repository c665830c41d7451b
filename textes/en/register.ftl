# The company register: src/org/register.

register-unknown-name = Unknown name
