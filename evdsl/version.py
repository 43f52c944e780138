"""The version of evdsl."""

VERSION = "0.1.0"
