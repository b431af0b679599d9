"""What a text is."""

#: English, Norwegian bokmål, Swedish
Text = tuple[str, str, str]
