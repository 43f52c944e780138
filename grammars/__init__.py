"""The grammars of the language: `evs.lark` is what the compiler parses with."""
