"""The sample city: Jining's public structure as data, and invented people who act in it.

Units, halls and districts follow what is public about the city; windows' figures, liaisons, staff
and applicants are invented, and any likeness of an invented name to a living person is chance.
"""
