"""Parallax: framing and stance in the news, from articles to a report with intervals."""

__version__ = "0.1.0"
