"""The ``samklang`` command and the local sandbox."""
