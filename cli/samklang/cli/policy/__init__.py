"""What ``samklang policy`` does; :mod:`samklang.cli.commands.policy` describes it."""
