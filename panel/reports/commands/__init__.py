"""Commands of reports: an export leaves its trace before its first byte."""

from panel.reports.commands.exports import READERS, export

__all__ = ["READERS", "export"]
