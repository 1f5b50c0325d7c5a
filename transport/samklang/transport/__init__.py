"""What every process needs to talk; import :mod:`samklang.transport.tls` first."""
