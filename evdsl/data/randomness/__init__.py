"""What is random in a spec: whether anything is, how many vehicles come, distributions by their inverse."""
