"""Everything that talks to vendors. One protocol (`base.System`), one package per vendor, one double in memory."""
