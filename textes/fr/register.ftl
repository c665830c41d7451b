# The company register: src/org/register.

register-unknown-name = Nom inconnu
