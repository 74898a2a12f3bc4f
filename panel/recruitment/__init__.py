"""How people come onto the panel: campaigns, applications, screening, the draw, appointment.

Identities are in the vault; an application row holds the features that quotas use.
"""
