"""Pure decisions of the vault: what is hashed, masked and compared."""

from __future__ import annotations

import unicodedata

from panel.errors import Fault, Invalid
from panel.vault.types import FIELDS, Identity

PHONE_END = 4


def check(identity: Identity) -> None:
    """Refuse an identity without a name."""
    if not identity.name.strip():
        raise Invalid("person.faults", Fault("name", "form.required"))


def check_fields(fields: tuple[str, ...], reason: str) -> None:
    """Refuse a look at nothing, at an unknown field, or without a reason."""
    if not fields or any(field not in FIELDS for field in fields):
        raise Invalid("person.faults", Fault("fields", "person.no_such_field"))
    if not reason.strip():
        raise Invalid("person.faults", Fault("reason", "form.required"))


def plain(national_id: str) -> str:
    """Bring an id number to the one form that is hashed: half width, capitals, no gaps."""
    wide = unicodedata.normalize("NFKC", national_id).upper()
    return "".join(char for char in wide if char.isalnum())


def digits(phone: str) -> str:
    """Keep the digits of a phone number."""
    return "".join(char for char in unicodedata.normalize("NFKC", phone) if char.isdecimal())


def ends_with(phone: str, last: str) -> bool:
    """Tell whether a phone number ends with these four digits."""
    typed = digits(last)
    return len(typed) == PHONE_END and digits(phone).endswith(typed)


def masked(name: str) -> str:
    """Mask a name for a public notice: 张** or J*** S****; the length of a part stays."""
    return " ".join(part[0] + "*" * (len(part) - 1) for part in name.split())


def present(identity: Identity) -> dict[str, str]:
    """Return the fields that are filled."""
    return {field: value for field in FIELDS if (value := getattr(identity, field).strip())}


def basis(identity: Identity) -> str:
    """Return what tells persons apart: the id number, else name and phone (families share one)."""
    number, phone = plain(identity.national_id), digits(identity.phone)
    return number or (f"{plain(identity.name)} {phone}" if phone else "")


def key_context(code: str) -> str:
    """Return what a wrapped data key is bound to: table, row, column."""
    return f"vault_person:{code}:wrapped_key"


def field_context(code: str, name: str) -> str:
    """Return what a sealed field is bound to: table, row, column."""
    return f"vault_field:{code}:{name}"


def attachment_context(person: str, code: str) -> str:
    """Return the associated data of an attachment: it opens in its own place only."""
    return f"vault_attachment:{person}:{code}"
