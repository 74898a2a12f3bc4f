"""Verbs of accounts, by subject; what others call is gathered here."""

from panel.accounts.commands.cards import (
    close_for_good,
    hand_over,
    issue_cards,
    redeem_card,
    withdraw_cards,
)
from panel.accounts.commands.limits import forget, note_sending
from panel.accounts.commands.sessions import (
    change_password,
    revoke,
    sign_in,
    sign_in_member,
    sign_out,
    touch,
)
from panel.accounts.commands.staff import (
    accept_invitation,
    confirm_totp,
    deactivate,
    found,
    invite,
    rescue,
    reset_second_factor,
    set_roles,
)
from panel.accounts.commands.tokens import make_token, revoke_token, use_token

__all__ = [
    "accept_invitation",
    "change_password",
    "close_for_good",
    "confirm_totp",
    "deactivate",
    "forget",
    "found",
    "hand_over",
    "invite",
    "issue_cards",
    "make_token",
    "note_sending",
    "redeem_card",
    "rescue",
    "reset_second_factor",
    "revoke",
    "revoke_token",
    "set_roles",
    "sign_in",
    "sign_in_member",
    "sign_out",
    "touch",
    "use_token",
    "withdraw_cards",
]
